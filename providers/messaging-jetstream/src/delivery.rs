//! One delivery: a message is handed to the component, and what it answers decides what becomes of it.

use std::pin::pin;
use std::time::Duration;

use async_nats::Subject;
use async_nats::header::{IntoHeaderName, NATS_MESSAGE_ID};
use async_nats::jetstream::{AckKind, Message};
use jetstream_kit::{DeadLetter, JetStream};
use provider_kit::Health;
use provider_kit::trace::{continued, is_traceparent, trace_id, traceparent};
use serde::Deserialize;
use tokio::time::{Instant, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span, debug, error, field, info_span, warn};

use crate::config::FeedConfig;
use crate::failures::{Count, Failures};
use crate::handler::{Event, Failure, Handler};
use crate::outage::Outage;
use crate::verdict::Verdict;

/// Delivers the messages of one feed; shared by all that are in flight.
pub(crate) struct Delivery<H> {
    pub(crate) config: FeedConfig,
    pub(crate) jetstream: JetStream,
    pub(crate) handler: H,
    pub(crate) failures: Failures,
    pub(crate) outage: Outage,
    pub(crate) health: Health,
    /// The name of the handler's part in the health report.
    pub(crate) part: String,
    /// Cancelled when the feed is stopped.
    pub(crate) stop: CancellationToken,
}

/// Where a message stands in its stream.
struct Place {
    stream: String,
    sequence: u64,
}

impl<H: Handler> Delivery<H> {
    /// Delivers `message` once and settles it: acknowledged, put off, or given up.
    ///
    /// When the server cannot be told, the message is simply delivered again after `ack_wait`.
    pub(crate) async fn deliver(&self, message: Message) {
        let place = match message.info() {
            Ok(info) => Place {
                stream: info.stream.to_owned(),
                sequence: info.stream_sequence,
            },
            Err(error) => {
                error!(%error, "what was pulled is no message of a stream");
                return;
            }
        };
        let was_unanswered = self.failures.of(place.sequence).unanswered > 0;
        let mut event = event(&message, was_unanswered);
        let span = self.span(&event);
        // What the component is called with belongs to the delivery, if that is told to anybody.
        event.traceparent = traceparent(&span).or(event.traceparent);
        self.settle(message, place, event).instrument(span).await;
    }

    /// The span of a delivery, a child of the span that published the event.
    fn span(&self, event: &Event) -> Span {
        let consumer = &self.config.consumer;
        let parent = event.traceparent.as_deref();
        continued(parent, || {
            info_span!(
                "delivery",
                otel.kind = "consumer",
                otel.name = format!("process {}", event.subject),
                otel.status_code = field::Empty,
                messaging.system = "nats",
                messaging.destination.name = event.subject,
                messaging.consumer.group.name = consumer,
                trace_id = parent.and_then(trace_id),
            )
        })
    }

    async fn settle(&self, message: Message, place: Place, event: Event) {
        let outcome = self.handle(&message, event).await;
        if outcome.is_err() {
            Span::current().record("otel.status_code", "ERROR");
        }
        let count = self.note(&outcome, place.sequence, &message.subject);
        let verdict = self
            .config
            .retry
            .verdict(outcome, count, self.outage.is_on());
        match verdict {
            Verdict::Acknowledge => self.acknowledge(&message, place.sequence).await,
            Verdict::Retry(delay) => put_off(&message, delay).await,
            Verdict::GiveUp(reason) => self.give_up(&message, &place, reason, count).await,
        }
    }

    /// Calls the handler and tells the server meanwhile that the message is being worked on.
    async fn handle(&self, message: &Message, event: Event) -> Result<(), Failure> {
        let mut handling = pin!(timeout(
            self.config.handler_timeout,
            self.handler.handle(event),
        ));
        let sign_of_life = self.config.ack_wait / 3;
        let mut working = interval_at(Instant::now() + sign_of_life, sign_of_life);
        loop {
            tokio::select! {
                outcome = &mut handling => {
                    return outcome.unwrap_or_else(|_| {
                        let limit = self.config.handler_timeout;
                        Err(Failure::Unanswered {
                            why: format!("no answer within {limit:?}"),
                            is_counted: false,
                        })
                    });
                }
                _ = working.tick() => {
                    if let Err(error) = message.ack_with(AckKind::Progress).await {
                        debug!(%error, "the server cannot be told that a message is being handled");
                    }
                }
            }
        }
    }

    /// Remembers the outcome for the verdict, and reports whether the component answers.
    fn note(&self, outcome: &Result<(), Failure>, sequence: u64, subject: &Subject) -> Count {
        let consumer = &self.config.consumer;
        match outcome {
            Ok(()) => {
                self.answered();
                Count::default()
            }
            Err(Failure::Refused(reason)) => {
                self.answered();
                let count = self.failures.count(sequence, |count| {
                    count.refused = count.refused.saturating_add(1)
                });
                warn!(%consumer, sequence, %subject, attempt = count.refused, reason, "the handler refused an event");
                count
            }
            Err(Failure::Unanswered { why, is_counted }) => {
                if !is_counted {
                    self.outage.unanswered();
                }
                let count = self.failures.count(sequence, |count| {
                    count.unanswered = count.unanswered.saturating_add(1);
                });
                warn!(%consumer, sequence, %subject, attempt = count.unanswered, why, "the handler did not answer");
                // A feed that was stopped has left the report for good.
                if self.outage.is_on() && !self.stop.is_cancelled() {
                    self.health.failing(&self.part, why);
                }
                count
            }
        }
    }

    fn answered(&self) {
        if self.outage.is_on() && !self.stop.is_cancelled() {
            self.health.ok(&self.part);
        }
        self.outage.answered();
    }

    /// Acknowledges without waiting for the server to confirm it: an event whose acknowledgement is lost is delivered again
    /// after `ack_wait`, and to handle it twice changes nothing.
    async fn acknowledge(&self, message: &Message, sequence: u64) {
        self.failures.forget(sequence);
        if let Err(error) = message.ack().await {
            let consumer = &self.config.consumer;
            warn!(%consumer, sequence, %error, "an event cannot be acknowledged");
        }
    }

    /// Keeps the message as a dead letter, and only then acknowledges it.
    async fn give_up(&self, message: &Message, place: &Place, reason: String, count: Count) {
        let FeedConfig {
            consumer,
            dead_letter_stream,
            retry,
            ..
        } = &self.config;
        let sequence = place.sequence;
        let dead_letter = DeadLetter {
            id: format!("{consumer}:{sequence}"),
            consumer: consumer.clone(),
            reason,
            attempts: count.refused,
            subject: Some(message.subject.to_string()),
            stream: place.stream.clone(),
            sequence,
            message_id: header(message, NATS_MESSAGE_ID).map(str::to_owned),
            content_type: header(message, "Content-Type").map(str::to_owned),
            body: message.payload.clone(),
        };
        match dead_letter
            .store(&self.jetstream.context, dead_letter_stream)
            .await
        {
            Ok(()) => {
                error!(%consumer, sequence, subject = %message.subject, reason = dead_letter.reason, "an event is given up and kept as a dead letter");
                self.acknowledge(message, sequence).await;
            }
            Err(error) => {
                error!(%consumer, sequence, %error, "a dead letter cannot be kept yet");
                put_off(message, retry.delay_after(count.refused)).await;
            }
        }
    }
}

/// Has the message delivered again after `delay`.
async fn put_off(message: &Message, delay: Duration) {
    if let Err(error) = message.ack_with(AckKind::Nak(Some(delay))).await {
        debug!(%error, "a message cannot be put off; it comes again after ack_wait");
    }
}

/// The message as the component gets it.
fn event(message: &Message, was_unanswered: bool) -> Event {
    Event {
        subject: message.subject.to_string(),
        body: message.payload.clone(),
        traceparent: trace_of(message),
        was_unanswered,
    }
}

/// The trace that an event belongs to: a header, or the extension attribute of a CloudEvent.
fn trace_of(message: &Message) -> Option<String> {
    #[derive(Deserialize)]
    struct CloudEvent {
        traceparent: Option<String>,
    }
    header(message, "traceparent")
        .map(str::to_owned)
        .or_else(|| {
            serde_json::from_slice::<CloudEvent>(&message.payload)
                .ok()?
                .traceparent
        })
        .filter(|value| is_traceparent(value))
}

/// A header's value. The client knows some names only by its own constants.
fn header(message: &Message, name: impl IntoHeaderName) -> Option<&str> {
    Some(message.headers.as_ref()?.get(name)?.as_str())
}
