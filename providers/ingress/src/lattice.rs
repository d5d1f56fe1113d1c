//! The lattice as the health check needs it: asking another provider how it is.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_nats::{Client, Request, RequestErrorKind};
use bytes::Bytes;
use wasmcloud_provider_sdk::core::{HealthCheckResponse, health_subject};

/// Empty until the provider has joined its lattice; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Lattice(Arc<OnceLock<Connection>>);

#[derive(Debug)]
struct Connection {
    nats: Arc<Client>,
    name: Arc<str>,
}

impl Lattice {
    /// Takes the connection that the provider has to the lattice of this name; the first one stays.
    pub fn join(&self, nats: Arc<Client>, name: Arc<str>) {
        let _ = self.0.set(Connection { nats, name });
    }

    /// Asks the provider `id` for its health. With one on every host, whichever answers first.
    ///
    /// # Errors
    /// What is wrong with it, or why it cannot be asked.
    pub async fn provider_health(&self, id: &str, within: Duration) -> Result<(), String> {
        let Some(Connection { nats, name }) = self.0.get() else {
            return Err("the ingress has not joined its lattice yet".into());
        };
        let request = Request::new().payload(Bytes::new()).timeout(Some(within));
        let answer = nats
            .send_request(health_subject(name, id), request)
            .await
            .map_err(|error| match error.kind() {
                RequestErrorKind::NoResponders => "not running".to_owned(),
                RequestErrorKind::TimedOut => format!("no answer within {} s", within.as_secs()),
                _ => format!("cannot be asked: {error}"),
            })?;
        let health: HealthCheckResponse = serde_json::from_slice(&answer.payload)
            .map_err(|error| format!("an answer that is not understood: {error}"))?;
        if health.healthy {
            Ok(())
        } else {
            Err(health.message.unwrap_or_else(|| "not healthy".into()))
        }
    }
}
