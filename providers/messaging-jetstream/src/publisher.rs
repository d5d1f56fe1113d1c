//! `wasmcloud:messaging/consumer` for components: publishing is storing, acknowledged by the stream.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jetstream_kit::JetStream;

use crate::bindings::wasmcloud::messaging::types::BrokerMessage;
use crate::subject;

/// Publishes and requests in the name of components. Errors are the texts that components get.
#[derive(Debug, Clone)]
pub struct Publisher {
    jetstream: JetStream,
    /// The lattice's name, which is also the first word of its own subjects.
    lattice: Arc<str>,
}

impl Publisher {
    /// A publisher over `jetstream`, for the components of `lattice`.
    #[must_use]
    pub fn new(jetstream: JetStream, lattice: impl Into<Arc<str>>) -> Self {
        Self {
            jetstream,
            lattice: lattice.into(),
        }
    }

    /// Stores a message in the stream of its subject.
    ///
    /// # Errors
    /// When the subject is not allowed, no stream has it, or the stream does not acknowledge: then it
    /// may or may not be stored.
    pub async fn publish(&self, subject: String, body: Bytes) -> Result<(), String> {
        subject::check(&subject, &self.lattice).map_err(|error| error.to_string())?;
        self.jetstream
            .context
            .publish(subject, body)
            .await
            .map_err(|error| error.to_string())?
            .await
            .map(drop)
            .map_err(|error| error.to_string())
    }

    /// Asks whoever listens on `subject` and returns the answer's subject and body.
    ///
    /// # Errors
    /// When the subject is not allowed, nobody listens, or no answer comes in time.
    pub async fn request(
        &self,
        subject: String,
        body: Bytes,
        timeout: Duration,
    ) -> Result<(String, Bytes), String> {
        subject::check(&subject, &self.lattice).map_err(|error| error.to_string())?;
        let request = async_nats::Request::new()
            .payload(body)
            .timeout(Some(timeout));
        self.jetstream
            .client
            .send_request(subject, request)
            .await
            .map(|answer| (answer.subject.into_string(), answer.payload))
            .map_err(|error| error.to_string())
    }
}

/// Refuses what an acknowledged publish cannot carry: its reply subject is the acknowledgement's.
pub(crate) fn without_reply(message: BrokerMessage) -> Result<(String, Bytes), String> {
    match message.reply_to {
        None => Ok((message.subject, message.body)),
        Some(_) => {
            Err("publish stores the message and cannot carry a reply-to; use request".into())
        }
    }
}
