//! The streams: every event and every dead letter that is stored.
use anyhow::{Context as _, Result};
use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::stream::Stream;
use futures::StreamExt as _;
use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

pub(crate) const EVENTS: &str = "TICKETING";
pub(crate) const DEAD_LETTERS: &str = "TICKETING_DEAD_LETTERS";

/// A message of the event stream.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// Its place in the stream.
    pub sequence: u64,
    /// Its `Nats-Msg-Id`; the relay gives one, and a stranger may not.
    pub message_id: Option<String>,
    /// The CloudEvent; null when it is none of JSON.
    pub body: Value,
}

/// A message that a consumer has given up.
#[derive(Clone, Debug, Serialize)]
pub struct DeadLetter {
    /// Its place among the dead letters.
    pub sequence: u64,
    /// Who gave it up.
    pub consumer: String,
    /// Why.
    pub reason: String,
    /// Its place in the event stream.
    pub event_sequence: u64,
    /// The `Nats-Msg-Id` that it had there.
    pub message_id: Option<String>,
}

impl Event {
    /// `ticket:created` and so on; empty when it is no event.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default()
    }

    /// The event's id, when it has one.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        self.body["id"].as_str()?.parse().ok()
    }

    /// The aggregate that it is about.
    #[must_use]
    pub fn subject(&self) -> Option<Uuid> {
        self.body["subject"].as_str()?.parse().ok()
    }

    /// The aggregate's version after it.
    #[must_use]
    pub fn version(&self) -> Option<i64> {
        self.body["data"]["version"].as_i64()
    }

    /// When it happened, by the clock of the database that it happened in.
    #[must_use]
    pub fn time(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::parse(self.body["time"].as_str()?, &Rfc3339).ok()
    }

    /// Whether a service has told it: the relay names it by the event's own id. What somebody else put on the stream
    /// proves nothing, and need not be right.
    #[must_use]
    pub fn is_genuine(&self) -> bool {
        self.message_id.is_some() && self.message_id.as_deref() == self.body["id"].as_str()
    }
}

pub(super) async fn events(jetstream: &Context) -> Result<Vec<Event>> {
    read_all(jetstream, EVENTS, |sequence, headers, payload| Event {
        sequence,
        message_id: header(headers, "Nats-Msg-Id"),
        body: serde_json::from_slice(payload).unwrap_or_default(),
    })
    .await
}

pub(super) async fn dead_letters(jetstream: &Context) -> Result<Vec<DeadLetter>> {
    read_all(jetstream, DEAD_LETTERS, |sequence, headers, _| DeadLetter {
        sequence,
        consumer: header(headers, "Dead-Letter-Consumer").unwrap_or_default(),
        reason: header(headers, "Dead-Letter-Reason").unwrap_or_default(),
        event_sequence: header(headers, "Dead-Letter-Sequence")
            .and_then(|text| text.parse().ok())
            .unwrap_or_default(),
        message_id: header(headers, "Dead-Letter-Message-Id"),
    })
    .await
}

async fn read_all<T>(
    jetstream: &Context,
    name: &str,
    read: impl Fn(u64, Option<&HeaderMap>, &[u8]) -> T,
) -> Result<Vec<T>> {
    let mut stream: Stream = jetstream
        .get_stream(name)
        .await
        .with_context(|| format!("opening the stream {name}"))?;
    let messages = stream
        .info()
        .await
        .context("a stream's state")?
        .state
        .messages;
    let mut all = Vec::new();
    if messages == 0 {
        return Ok(all);
    }
    let config = pull::OrderedConfig {
        deliver_policy: DeliverPolicy::All,
        ..Default::default()
    };
    let consumer = stream.create_consumer(config).await?;
    let mut messages = consumer.messages().await?;
    while let Some(message) = messages.next().await {
        let message = message.with_context(|| format!("reading the stream {name}"))?;
        let info = message.info().map_err(anyhow::Error::from_boxed)?;
        all.push(read(
            info.stream_sequence,
            message.headers.as_ref(),
            &message.payload,
        ));
        if info.pending == 0 {
            break;
        }
    }
    Ok(all)
}

/// By text: to the client library a name that it knows is another one than the same name as text.
fn header(headers: Option<&HeaderMap>, wanted: &str) -> Option<String> {
    let values = headers?
        .iter()
        .find_map(|(name, values)| (name.to_string() == wanted).then_some(values))?;
    values.first().map(ToString::to_string)
}
