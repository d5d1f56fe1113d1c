//! Pull requests on a durable consumer: exactly as many messages as there is room for.
//!
//! The client library's own streams fetch ahead, and messages that wait in its buffer while the
//! component is slow or gone are delivered again; and its batches stall after a heartbeat (0.39). So
//! this speaks the protocol: one inbox, one open request at a time, heartbeats to notice a lost one.

use std::time::Duration;

use async_nats::jetstream::Message;
use async_nats::{StatusCode, Subscriber};
use futures::StreamExt as _;
use jetstream_kit::JetStream;
use serde::Serialize;

/// How long a request stays open on the server when there are too few messages.
const EXPIRES: Duration = Duration::from_secs(30);
/// How often the server says that the request is still open.
const HEARTBEAT: Duration = Duration::from_millis(500);
/// A request that is silent for this long is lost, for example because the server was restarted.
const SILENCE: Duration = Duration::from_millis(1500);

/// Why pulling has to start over.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PullError {
    #[error("the connection is closed")]
    Closed,
    #[error("the server no longer answers")]
    Silent,
    #[error("the server refused: {0}")]
    Refused(String),
    #[error("the server cannot be asked: {0}")]
    Request(String),
}

/// The body of a request for messages, as JetStream defines it; times in nanoseconds.
#[derive(Serialize)]
struct NextRequest {
    batch: usize,
    expires: u64,
    idle_heartbeat: u64,
}

/// Pulls the messages of one durable consumer.
pub(crate) struct Puller {
    jetstream: JetStream,
    /// Where requests go: `$JS.API.CONSUMER.MSG.NEXT.<stream>.<consumer>`.
    next: String,
    inbox: String,
    messages: Subscriber,
}

impl Puller {
    /// Opens an inbox for `consumer`'s messages.
    pub(crate) async fn open(
        jetstream: &JetStream,
        stream: &str,
        consumer: &str,
    ) -> Result<Self, PullError> {
        let inbox = jetstream.client.new_inbox();
        let messages = jetstream
            .client
            .subscribe(inbox.clone())
            .await
            .map_err(|error| PullError::Request(error.to_string()))?;
        Ok(Self {
            jetstream: jetstream.clone(),
            next: format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"),
            inbox,
            messages,
        })
    }

    /// Asks for up to `batch` messages. The one before must have been answered in full or have expired.
    pub(crate) async fn request(&self, batch: usize) -> Result<(), PullError> {
        let request = serde_json::to_vec(&NextRequest {
            batch,
            expires: nanos(EXPIRES),
            idle_heartbeat: nanos(HEARTBEAT),
        })
        .map_err(|error| PullError::Request(error.to_string()))?;
        self.jetstream
            .client
            .publish_with_reply(self.next.clone(), self.inbox.clone(), request.into())
            .await
            .map_err(|error| PullError::Request(error.to_string()))
    }

    /// The next message of the open request; `None` when it has expired.
    pub(crate) async fn next(&mut self) -> Result<Option<Message>, PullError> {
        loop {
            let message = tokio::time::timeout(SILENCE, self.messages.next())
                .await
                .map_err(|_| PullError::Silent)?
                .ok_or(PullError::Closed)?;
            match message.status {
                None | Some(StatusCode::OK) => {
                    return Ok(Some(Message {
                        message,
                        context: self.jetstream.context.clone(),
                    }));
                }
                Some(StatusCode::IDLE_HEARTBEAT) => {}
                Some(StatusCode::TIMEOUT | StatusCode::NOT_FOUND) => return Ok(None),
                Some(StatusCode::NO_RESPONDERS) => {
                    return Err(PullError::Refused("there is no such consumer".into()));
                }
                Some(status) => {
                    let why = message.description.unwrap_or_default();
                    return Err(PullError::Refused(format!("{status} {why}")));
                }
            }
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
