//! The way to JetStream: a connection, and how long anything on it may take.

use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream;

/// How long JetStream may take to answer: less than the two seconds after which a host gives up, so
/// that the component learns the reason.
pub const ANSWER_TIMEOUT: Duration = Duration::from_millis(1500);
/// The same for a health check.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(1);

/// A NATS connection and the JetStream behind it; clones share the connection.
#[derive(Clone, Debug)]
pub struct JetStream {
    client: async_nats::Client,
    context: jetstream::Context,
}

impl JetStream {
    /// JetStream over a connection that is already there, such as the lattice's.
    pub fn new(client: async_nats::Client) -> Self {
        let mut context = jetstream::new(client.clone());
        context.set_timeout(ANSWER_TIMEOUT);
        Self { client, context }
    }

    /// JetStream over a connection of its own, which is made in the background and kept up.
    ///
    /// # Errors
    /// When the URL is malformed. A server that cannot be reached is no error.
    pub async fn connect(url: &str) -> Result<Self, async_nats::ConnectError> {
        let client = async_nats::ConnectOptions::new()
            .name("keyvalue-nats")
            .retry_on_initial_connect()
            .connect(url)
            .await?;
        Ok(Self::new(client))
    }

    /// Whether JetStream answers, within a second.
    ///
    /// # Errors
    /// Why it does not, for operators.
    pub async fn check(&self) -> Result<(), String> {
        if let Some(reason) = self.outage() {
            return Err(reason.into());
        }
        match tokio::time::timeout(HEALTH_TIMEOUT, self.context.query_account()).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(format!("JetStream cannot be reached: {error}")),
            Err(_) => Err("JetStream did not answer within a second".into()),
        }
    }

    /// Why nothing needs to be tried now. While the connection is down, the client would keep what is
    /// sent and deliver it later, long after the caller was told that it failed.
    pub(crate) fn outage(&self) -> Option<&'static str> {
        match self.client.connection_state() {
            State::Connected => None,
            State::Pending | State::Disconnected => Some("the NATS server cannot be reached"),
        }
    }

    /// The largest message, in bytes, that the server takes.
    pub(crate) fn max_payload(&self) -> usize {
        self.client.server_info().max_payload
    }

    pub(crate) fn context(&self) -> &jetstream::Context {
        &self.context
    }
}
