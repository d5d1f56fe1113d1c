//! The event stream, followed by somebody who only reads.
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::{self, stream::Stream};
use futures::StreamExt as _;
use serde_json::Value;

use crate::{eventually, within};

const STREAM: &str = "TICKETING";
const DEAD_LETTERS: &str = "TICKETING_DEAD_LETTERS";
const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// A message of the stream.
#[derive(Clone, Debug)]
pub struct Published {
    /// Its place in the stream.
    pub sequence: u64,
    /// The NATS subject.
    pub subject: String,
    /// The header `Nats-Msg-Id`; empty when there is none.
    pub message_id: String,
    /// The header `Content-Type`; empty when there is none.
    pub content_type: String,
    /// The body; null when it is not JSON.
    pub event: Value,
}

/// A message to be put on the stream.
#[derive(Clone, Debug)]
pub struct Message {
    /// By which the stream knows it again, if it should.
    pub id: Option<String>,
    /// The NATS subject.
    pub subject: String,
    /// The body.
    pub body: String,
}

impl Published {
    /// Whether it is an event of type `kind` about the aggregate `subject`.
    #[must_use]
    pub fn is(&self, kind: &str, subject: &str) -> bool {
        self.event["type"] == kind && self.event["subject"] == subject
    }
}

/// Everything that was published since it was opened, or since ever on a lattice of the suite's.
#[derive(Clone, Debug)]
pub struct EventLog {
    nats: String,
    seen: Arc<Mutex<Vec<Published>>>,
}

impl EventLog {
    /// Follows the stream of the NATS server `nats` from its first message.
    pub(crate) async fn follow(nats: &str) -> Result<Self> {
        let log = Self {
            nats: nats.to_owned(),
            seen: Arc::default(),
        };
        // Once before anything else, so that a lattice without a stream is noticed at once.
        log.stream(STREAM).await?;
        let follower = log.clone();
        tokio::spawn(async move {
            while Arc::strong_count(&follower.seen) > 1 {
                // It ends when NATS goes away; the next round picks up behind what is known.
                let _nats_is_away = follower.read_on().await;
                tokio::time::sleep(BETWEEN_TRIES).await;
            }
        });
        Ok(log)
    }

    async fn stream(&self, name: &str) -> Result<Stream> {
        let client = async_nats::connect(&self.nats)
            .await
            .with_context(|| format!("connecting to NATS at {}", self.nats))?;
        let stream = jetstream::new(client).get_stream(name).await;
        stream.with_context(|| format!("opening the stream {name}"))
    }

    async fn read_on(&self) -> Result<()> {
        let stream = self.stream(STREAM).await?;
        let start_sequence = self.seen().last().map_or(1, |last| last.sequence + 1);
        let config = pull::OrderedConfig {
            deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
            ..Default::default()
        };
        let mut messages = stream.create_consumer(config).await?.messages().await?;
        while let Some(message) = messages.next().await {
            let message = message?;
            let sequence = message
                .info()
                .map_err(anyhow::Error::from_boxed)?
                .stream_sequence;
            // By text: to the client library a name that it knows is another one than the same name as text.
            let header = |wanted: &str| {
                let mut all = message.headers.iter().flat_map(async_nats::HeaderMap::iter);
                let values =
                    all.find_map(|(name, values)| (name.to_string() == wanted).then_some(values));
                values
                    .and_then(|values| values.first())
                    .map(ToString::to_string)
                    .unwrap_or_default()
            };
            let published = Published {
                sequence,
                subject: message.subject.to_string(),
                message_id: header("Nats-Msg-Id"),
                content_type: header("Content-Type"),
                event: serde_json::from_slice(&message.payload).unwrap_or_default(),
            };
            self.seen
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(published);
        }
        Ok(())
    }

    /// All that was seen so far.
    #[must_use]
    pub fn seen(&self) -> Vec<Published> {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// All of type `kind` about the aggregate `subject` that were seen so far, in order.
    #[must_use]
    pub fn about(&self, kind: &str, subject: &Value) -> Vec<Published> {
        let subject = subject.as_str().unwrap_or_default();
        self.seen()
            .into_iter()
            .filter(|published| published.is(kind, subject))
            .collect()
    }

    /// Waits for an event of type `kind` about the aggregate `subject`. Gives the event.
    pub async fn event(&self, kind: &str, subject: &Value) -> Value {
        self.find(&format!("{kind} about {subject}"), |published| {
            published.is(kind, subject.as_str().unwrap_or_default())
        })
        .await
    }

    /// Waits for an event of type `kind` whose data says so. Gives the event.
    pub async fn event_with(&self, kind: &str, field: &str, value: &Value) -> Value {
        self.find(&format!("{kind} with {field} {value}"), |published| {
            published.event["type"] == kind && published.event["data"][field] == *value
        })
        .await
    }

    async fn find(&self, what: &str, mut like: impl FnMut(&Published) -> bool) -> Value {
        eventually(what, async || {
            Some(
                self.seen()
                    .into_iter()
                    .find(|published| like(published))?
                    .event,
            )
        })
        .await
    }

    /// Waits until everything that is in the stream now was seen.
    ///
    /// # Panics
    /// When the stream cannot be read.
    pub async fn catch_up(&self) {
        let mut stream = self.stream(STREAM).await.expect("the stream of events");
        let last = stream
            .info()
            .await
            .expect("the stream's state")
            .state
            .last_sequence;
        within(
            Duration::from_secs(30),
            format!("message {last} of the stream"),
            async || {
                (last == 0 || self.seen().last().is_some_and(|seen| seen.sequence >= last))
                    .then_some(())
            },
        )
        .await;
    }

    /// Puts `body` on the stream under `subject`, as no service would.
    ///
    /// # Panics
    /// When the stream does not take it.
    pub async fn inject(&self, subject: &str, body: &str) {
        let message = Message {
            id: None,
            subject: subject.to_owned(),
            body: body.to_owned(),
        };
        self.publish(vec![message]).await;
    }

    /// Puts `messages` on the stream in this order.
    ///
    /// # Panics
    /// When the stream does not take one.
    pub async fn publish(&self, messages: Vec<Message>) {
        let client = async_nats::connect(&self.nats).await.expect("NATS answers");
        let jetstream = jetstream::new(client);
        // As many at a time as the server may fall behind.
        for batch in messages.chunks(500) {
            let mut stored = Vec::new();
            for message in batch {
                let mut headers = async_nats::HeaderMap::new();
                if let Some(id) = &message.id {
                    headers.insert("Nats-Msg-Id", id.as_str());
                }
                let body = message.body.clone().into();
                let sent = jetstream.publish_with_headers(message.subject.clone(), headers, body);
                stored.push(sent.await.expect("NATS answers"));
            }
            for answer in stored {
                answer.await.expect("the stream takes it");
            }
        }
    }

    /// Waits for a dead letter that has `needle` in its body; gives its headers, one a line.
    pub async fn dead_letter(&self, needle: &str) -> String {
        eventually(format!("a dead letter with {needle}"), async || {
            let mut stream = self.stream(DEAD_LETTERS).await.ok()?;
            let state = stream.info().await.ok()?.state.clone();
            for sequence in state.first_sequence..=state.last_sequence {
                let Ok(letter) = stream.get_raw_message(sequence).await else {
                    continue;
                };
                if String::from_utf8_lossy(&letter.payload).contains(needle) {
                    return Some(format!("{:?}", letter.headers));
                }
            }
            None
        })
        .await
    }
}
