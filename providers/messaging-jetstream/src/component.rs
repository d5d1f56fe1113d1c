//! A component of the lattice as handler: `wasmcloud:messaging/handler.handle-message` over wRPC.

use std::time::Duration;

use async_nats::HeaderMap;
use wasmcloud_provider_sdk::get_connection;
use wasmcloud_provider_sdk::provider::WrpcClient;

use crate::bindings::wasmcloud::messaging::handler::handle_message;
use crate::bindings::wasmcloud::messaging::types::BrokerMessage;
use crate::handler::{Event, Failure, Handler};

/// A component of the lattice.
pub(crate) struct Component {
    wrpc: WrpcClient,
}

impl Component {
    /// The component `id`. It need not be there yet.
    ///
    /// # Errors
    /// When the lattice's connection is closed for good.
    pub(crate) async fn new(id: &str, timeout: Duration) -> anyhow::Result<Self> {
        let wrpc = get_connection()
            .get_wrpc_client_custom(id, Some(timeout))
            .await?;
        Ok(Self { wrpc })
    }
}

impl Handler for Component {
    async fn handle(&self, event: Event) -> Result<(), Failure> {
        let headers = event.traceparent.map(|traceparent| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", traceparent.as_str());
            headers
        });
        let message = BrokerMessage {
            subject: event.subject,
            body: event.body,
            reply_to: None,
        };
        match handle_message(&self.wrpc, headers, &message).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(Failure::Refused(reason)),
            Err(error) => Err(Failure::Unanswered(format!("{error:#}"))),
        }
    }
}
