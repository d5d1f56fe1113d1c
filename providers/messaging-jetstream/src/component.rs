//! A component of the lattice as handler, over wRPC: `wasmcloud:messaging/handler.handle-message` for one event, and
//! `ticketing:messaging/batch-handler.handle-messages` for several.

use std::time::Duration;

use async_nats::HeaderMap;
use wasmcloud_provider_sdk::get_connection;
use wasmcloud_provider_sdk::provider::WrpcClient;

use crate::batch::BatchHandler;
use crate::bindings::ticketing::messaging::batch_handler::{Body, Message, handle_messages};
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
        let headers = event.traceparent.as_deref().map(headers);
        let message = BrokerMessage {
            subject: event.subject,
            body: event.body,
            reply_to: None,
        };
        match handle_message(&self.wrpc, headers, &message).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(Failure::Refused(reason)),
            Err(error) => Err(Failure::Unanswered {
                why: format!("{error:#}"),
                is_counted: false,
            }),
        }
    }
}

impl BatchHandler for Component {
    async fn handle_all(&self, events: Vec<Event>) -> Result<Vec<Result<(), String>>, String> {
        // A call has one trace; that of each event is in its body.
        let headers = match &events[..] {
            [event] => event.traceparent.as_deref().map(headers),
            _ => None,
        };
        let messages: Vec<Message> = events.into_iter().map(message).collect();
        handle_messages(&self.wrpc, headers, &messages)
            .await
            .map_err(|error| format!("{error:#}"))
    }
}

fn message(event: Event) -> Message {
    let body = match std::str::from_utf8(&event.body) {
        Ok(text) => Body::Text(text.to_owned()),
        Err(_) => Body::Bytes(event.body),
    };
    Message {
        subject: event.subject,
        body,
    }
}

fn headers(traceparent: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", traceparent);
    headers
}
