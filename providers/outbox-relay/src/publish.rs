//! Publishing a batch: every event is on its way before the first acknowledgement is waited for.

use std::future::IntoFuture as _;

use async_nats::HeaderMap;
use async_nats::jetstream::context::{PublishAckFuture, PublishError, PublishErrorKind};
use futures::future::join_all;
use jetstream_kit::{DeadLetter, DeadLetterError, JetStream};
use provider_kit::trace::{continued, trace_id, traceparent};
use tracing::{Instrument as _, Span, error, field, info_span};

use crate::cloud_event::{CONTENT_TYPE, Event, Malformed, Row, event};

/// Room for the headers and the subject within the server's limit for a message.
const ENVELOPE_BYTES: usize = 1024;

/// Why a batch was not published in full.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PublishFailure {
    #[error("the stream did not acknowledge: {0}")]
    NotAcknowledged(#[from] PublishError),
    #[error(transparent)]
    DeadLetter(#[from] DeadLetterError),
}

/// What became of a batch.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Rows that are stored, as event or as dead letter: they may be deleted.
    pub(crate) stored: Vec<i64>,
    /// Rows that the server refused, each for itself, and why.
    pub(crate) refused: Vec<(i64, String)>,
    /// Why others are not stored: the server is away, or does not answer.
    pub(crate) failure: Option<PublishFailure>,
}

/// Publishes the rows of one service.
pub(crate) struct Publisher<'a> {
    pub(crate) jetstream: &'a JetStream,
    pub(crate) service: &'a str,
    /// What subjects begin with.
    pub(crate) prefix: &'a str,
    pub(crate) dead_letter_stream: &'a str,
}

impl Publisher<'_> {
    /// Publishes `rows` in order and waits until each is acknowledged or not.
    pub(crate) async fn publish(&self, rows: Vec<Row>) -> Outcome {
        let mut outcome = Outcome::default();
        let mut on_their_way = Vec::with_capacity(rows.len());
        for row in rows {
            let span = span(&row);
            // The event's place in its trace: behind its publication, if that is told to anybody.
            let own = traceparent(&span);
            let place = own.as_deref().or(row.trace());
            match event(&row, self.service, self.prefix, place) {
                Ok(event) => match self.too_large(&event) {
                    Some(why) => {
                        failed(&span);
                        outcome.refused.push((row.seq, why));
                    }
                    None => match self.send(&row, event).instrument(span.clone()).await {
                        Ok(acknowledgement) => on_their_way.push((row.seq, acknowledgement, span)),
                        Err(error) => {
                            failed(&span);
                            outcome.failure = Some(error.into());
                        }
                    },
                },
                Err(why) => match self.bury(&row, &why).instrument(span).await {
                    Ok(()) => outcome.stored.push(row.seq),
                    Err(error) => outcome.failure = Some(error.into()),
                },
            }
        }
        let acknowledgements = join_all(on_their_way.into_iter().map(
            |(seq, acknowledgement, span)| async move {
                let acknowledgement = acknowledgement.into_future();
                let acknowledged = acknowledgement.instrument(span.clone()).await;
                if acknowledged.is_err() {
                    failed(&span);
                }
                (seq, acknowledged)
            },
        ));
        for (seq, acknowledged) in acknowledgements.await {
            match acknowledged {
                Ok(_) => outcome.stored.push(seq),
                // The server answered, and the answer is about this event.
                Err(error) if error.kind() == PublishErrorKind::Other => {
                    outcome.refused.push((seq, error.to_string()));
                }
                Err(error) => outcome.failure = Some(error.into()),
            }
        }
        outcome
    }

    async fn send(&self, row: &Row, event: Event) -> Result<PublishAckFuture, PublishError> {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", row.id.as_str());
        headers.insert("Content-Type", CONTENT_TYPE);
        self.jetstream
            .context
            .publish_with_headers(event.subject, headers, event.body.into())
            .await
    }

    /// A server closes the connection of a client that sends more than its limit, so this asks before.
    fn too_large(&self, event: &Event) -> Option<String> {
        let limit = self.jetstream.client.server_info().max_payload;
        let size = event.body.len() + ENVELOPE_BYTES;
        (size > limit).then(|| format!("{size} bytes exceed the server's limit of {limit}"))
    }

    /// Keeps a row that can never be an event as a dead letter, so that it blocks nothing behind it.
    async fn bury(&self, row: &Row, why: &Malformed) -> Result<(), DeadLetterError> {
        let Self {
            service, jetstream, ..
        } = self;
        error!(service, seq = row.seq, %why, "a row of the outbox becomes a dead letter");
        DeadLetter {
            consumer: format!("outbox-relay.{service}"),
            id: format!("outbox-relay.{service}:{}", row.id),
            reason: format!("permanent: {why}"),
            attempts: 1,
            subject: None,
            stream: format!("outbox.{service}"),
            sequence: u64::try_from(row.seq).unwrap_or_default(),
            message_id: Some(row.id.clone()),
            content_type: Some("application/json".to_owned()),
            // Postgres prints valid JSON; if it ever did not, its text is the record.
            body: row
                .as_json()
                .unwrap_or_else(|_| row.data.clone().into_bytes())
                .into(),
        }
        .store(&jetstream.context, self.dead_letter_stream)
        .await
    }
}

/// The span of an event's publication, until the stream has it. A child of the request or event that wrote the row.
fn span(row: &Row) -> Span {
    let parent = row.trace();
    continued(parent, || {
        info_span!(
            "publication",
            otel.kind = "producer",
            otel.name = format!("publish {}", row.kind),
            otel.status_code = field::Empty,
            messaging.system = "nats",
            messaging.message.id = row.id,
            trace_id = parent.and_then(trace_id),
        )
    })
}

/// Notes in its span that an event is not on the stream.
fn failed(span: &Span) {
    span.record("otel.status_code", "ERROR");
}
