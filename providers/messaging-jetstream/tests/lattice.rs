//! The provider's own process on a lattice: this test is its host, and the component behind wRPC.
//! Set NATS_SERVER_BIN when the server is not on the path.

use std::collections::HashMap;

use jetstream_kit::JetStream;
use jetstream_testing::{NatsServer, eventually};
use nkeys::XKey;
use provider_process::ProviderProcess;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use wasmcloud_provider_sdk::core::rpc::health_subject;
use wasmcloud_provider_sdk::{
    Context, HealthCheckResponse, HostData, InterfaceLinkDefinition, ProviderConnection,
    serve_provider_exports,
};

use batch_bindings::exports::ticketing::messaging::batch_handler::{self, Body, Message};
use bindings::exports::wasmcloud::messaging::handler::Handler;
use bindings::wasmcloud::messaging::types::BrokerMessage;

mod bindings {
    wit_bindgen_wrpc::generate!({
        world: "component",
        with: {
            "wasmcloud:messaging/handler@0.2.0": generate,
            "wasmcloud:messaging/types@0.2.0": generate,
        },
    });
}

mod batch_bindings {
    wit_bindgen_wrpc::generate!({
        world: "batch-component",
        with: {
            "ticketing:messaging/batch-handler@0.1.0": generate,
        },
    });
}

const LATTICE: &str = "default";
const HOST: &str = "the-test";
const PROVIDER: &str = "messaging-jetstream";
const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The provider's process, with one link to the component "orders".
fn provider(nats: &NatsServer, namespace: &str, interface: &str) -> ProviderProcess {
    let host = HostData {
        host_id: HOST.into(),
        lattice_rpc_prefix: LATTICE.into(),
        lattice_rpc_url: nats.url(),
        provider_key: PROVIDER.into(),
        link_definitions: vec![InterfaceLinkDefinition {
            source_id: PROVIDER.into(),
            target: "orders".into(),
            name: "default".into(),
            wit_namespace: namespace.into(),
            wit_package: "messaging".into(),
            interfaces: vec![interface.into()],
            source_config: HashMap::from([("consumer".into(), "orders".into())]),
            target_config: HashMap::new(),
            source_secrets: None,
            target_secrets: None,
        }],
        ..HostData::default()
    };
    ProviderProcess::start(env!("CARGO_BIN_EXE_provider-messaging-jetstream"), host)
}

/// A component that accepts every event.
#[derive(Clone)]
struct Orders(UnboundedSender<(BrokerMessage, Option<String>)>);

impl Handler<Option<Context>> for Orders {
    async fn handle_message(
        &self,
        context: Option<Context>,
        message: BrokerMessage,
    ) -> anyhow::Result<Result<(), String>> {
        let trace = context.and_then(|context| context.tracing.get("traceparent").cloned());
        self.0.send((message, trace))?;
        Ok(Ok(()))
    }
}

/// A component that takes many events in a call, and refuses those that are no text for ever.
#[derive(Clone)]
struct Batches(UnboundedSender<(String, String)>);

impl batch_handler::Handler<Option<Context>> for Batches {
    async fn handle_messages(
        &self,
        _: Option<Context>,
        messages: Vec<Message>,
    ) -> anyhow::Result<Vec<Result<(), String>>> {
        messages
            .into_iter()
            .map(|message| match message.body {
                Body::Text(text) => {
                    self.0.send((message.subject, text))?;
                    Ok(Ok(()))
                }
                Body::Bytes(bytes) => Ok(Err(format!("permanent: {bytes:?}"))),
            })
            .collect()
    }
}

/// The component "orders" as the lattice sees it.
fn orders(nats: &JetStream) -> ProviderConnection {
    ProviderConnection::new(
        nats.client.clone(),
        "orders",
        LATTICE,
        HOST.into(),
        HashMap::new(),
        XKey::new(),
        XKey::new(),
    )
    .unwrap()
}

/// Serves `component` as "orders" on the lattice.
fn serve(nats: &JetStream, component: Orders) {
    let connection = orders(nats);
    tokio::spawn(async move {
        let client = connection.get_wrpc_client("orders").await?;
        let for_ever = std::future::pending();
        serve_provider_exports(&client, component, for_ever, bindings::serve).await
    });
}

async fn health(nats: &JetStream) -> Option<HealthCheckResponse> {
    let subject = health_subject(LATTICE, PROVIDER);
    let answer = nats.client.request(subject, "".into()).await.ok()?;
    serde_json::from_slice(&answer.payload).ok()
}

#[tokio::test]
async fn an_event_waits_for_its_component_and_reaches_it_with_its_trace() {
    let server = NatsServer::start().await;
    let nats = server.connect().await;
    let mut provider = provider(&server, "wasmcloud", "handler");
    eventually("the provider has made the stream", async || {
        let body = format!(r#"{{"traceparent":"{TRACE}"}}"#);
        let publish = nats
            .context
            .publish("ticketing.ticket.created", body.into());
        publish.await.ok()?.await.ok()
    })
    .await;
    eventually("the missing component is reported", async || {
        let message = health(&nats).await?.message?;
        message.contains("handler orders/default").then_some(())
    })
    .await;

    let (events, mut received) = unbounded_channel();
    serve(&nats, Orders(events));
    let (event, trace) = received.recv().await.unwrap();
    assert_eq!(event.subject, "ticketing.ticket.created");
    assert_eq!(event.reply_to, None);
    assert_eq!(trace.as_deref(), Some(TRACE));
    eventually("it is healthy", async || {
        health(&nats).await?.healthy.then_some(())
    })
    .await;

    provider.ask_to_end(&nats.client).await;
    eventually("the process ends", async || {
        provider.ended().filter(|status| status.success())
    })
    .await;
}

#[tokio::test]
async fn a_component_that_takes_batches_gets_each_event_as_it_was_published() {
    let server = NatsServer::start().await;
    let nats = server.connect().await;
    let connection = orders(&nats);
    let (events, mut received) = unbounded_channel();
    tokio::spawn(async move {
        let client = connection.get_wrpc_client("orders").await?;
        let for_ever = std::future::pending();
        serve_provider_exports(&client, Batches(events), for_ever, batch_bindings::serve).await
    });
    let _provider = provider(&server, "ticketing", "batch-handler");
    let publish = async |body: &'static [u8]| {
        eventually("an event is stored", async || {
            let publish = nats
                .context
                .publish("ticketing.ticket.created", body.into());
            publish.await.ok()?.await.ok()
        })
        .await
    };
    publish(b"\xff").await;
    for body in ["one", "gr\u{fc}n"] {
        publish(body.as_bytes()).await;
        let event = received.recv().await.unwrap();
        assert_eq!(event, ("ticketing.ticket.created".into(), body.into()));
    }
    let dead_letter = eventually("what is refused is a dead letter", async || {
        let stream = nats
            .context
            .get_stream("TICKETING_DEAD_LETTERS")
            .await
            .ok()?;
        stream.get_raw_message(1).await.ok()
    })
    .await;
    assert_eq!(dead_letter.payload, b"\xff".as_slice());
}
