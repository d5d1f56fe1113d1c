//! The provider's own process on a lattice: this test is its host, and the component that calls it.
//! Set NATS_SERVER_BIN when the NATS server is not on the path.

use std::collections::HashMap;

use futures::future::join_all;
use jetstream_testing::{NatsServer, eventually};
use nkeys::XKey;
use provider_process::ProviderProcess;
use wasmcloud_provider_sdk::core::rpc::health_subject;
use wasmcloud_provider_sdk::{HealthCheckResponse, HostData, ProviderConnection};

use bindings::ticketing::password::hasher::{self, Error};

mod bindings {
    wit_bindgen_wrpc::generate!({
        world: "component",
        with: {
            "ticketing:password/hasher@0.1.0": generate,
        }
    });
}

const LATTICE: &str = "default";
const HOST: &str = "the-test";
const PROVIDER: &str = "password-argon2";

/// The reference implementation's hash of "password", the most expensive that it has among its tests.
const EXPENSIVE: &str =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

/// The provider's process.
fn provider(nats: &NatsServer, config: &[(&str, &str)]) -> ProviderProcess {
    let config = config
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let host = HostData {
        host_id: HOST.into(),
        lattice_rpc_prefix: LATTICE.into(),
        lattice_rpc_url: nats.url(),
        provider_key: PROVIDER.into(),
        config: config.collect(),
        ..HostData::default()
    };
    ProviderProcess::start(env!("CARGO_BIN_EXE_provider-password-argon2"), host)
}

/// The component at the other end, once the provider is healthy.
async fn component(server: &NatsServer) -> ProviderConnection {
    let nats = server.connect().await.client;
    eventually("it is healthy", async || {
        let subject = health_subject(LATTICE, PROVIDER);
        let answer = nats.request(subject, "".into()).await.ok()?;
        let health: HealthCheckResponse = serde_json::from_slice(&answer.payload).ok()?;
        health.healthy.then_some(())
    })
    .await;
    ProviderConnection::new(
        nats,
        "auth",
        LATTICE,
        HOST.into(),
        HashMap::new(),
        XKey::new(),
        XKey::new(),
    )
    .expect("a connection")
}

#[tokio::test]
async fn a_component_has_passwords_hashed_and_verified() {
    let server = NatsServer::start().await;
    let mut provider = provider(&server, &[]);
    let component = component(&server).await;
    let wrpc = component.get_wrpc_client(PROVIDER).await.expect("wRPC");

    // It says that it is healthy a moment before it takes calls.
    let hash = eventually("a hash", async || {
        hasher::hash(&wrpc, None, "correct horse").await.ok()
    })
    .await;
    let hash = hash.expect("a hash");
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );
    let right = hasher::verify(&wrpc, None, "correct horse", Some(&hash)).await;
    assert!(matches!(right, Ok(Ok(true))), "{right:?}");
    let wrong = hasher::verify(&wrpc, None, "battery staple", Some(&hash)).await;
    assert!(matches!(wrong, Ok(Ok(false))), "{wrong:?}");
    let nobodys = hasher::verify(&wrpc, None, "correct horse", None).await;
    assert!(matches!(nobodys, Ok(Ok(false))), "{nobodys:?}");
    let none = hasher::verify(&wrpc, None, "correct horse", Some("correct horse")).await;
    assert!(matches!(none, Ok(Err(Error::InvalidHash(_)))), "{none:?}");
    let huge = EXPENSIVE.replace("m=65536", "m=4194304");
    let huge = hasher::verify(&wrpc, None, "password", Some(&huge)).await;
    assert!(matches!(huge, Ok(Err(Error::InvalidHash(_)))), "{huge:?}");

    let nats = server.connect().await.client;
    provider.ask_to_end(&nats).await;
    eventually("the process ends well", async || {
        provider.ended().filter(|status| status.success())
    })
    .await;
}

#[tokio::test]
async fn a_storm_is_told_that_it_is_one() {
    let server = NatsServer::start().await;
    let _provider = provider(&server, &[("workers", "1"), ("queue", "1")]);
    let component = component(&server).await;
    let wrpc = component.get_wrpc_client(PROVIDER).await.expect("wRPC");
    eventually("it takes calls", async || {
        hasher::verify(&wrpc, None, "", None).await.ok()
    })
    .await
    .expect("an answer");

    let storm = (0..16).map(|_| hasher::verify(&wrpc, None, "password", Some(EXPENSIVE)));
    let answers = join_all(storm).await;
    let (mut right, mut busy) = (0, 0);
    for answer in &answers {
        match answer {
            Ok(Ok(true)) => right += 1,
            Ok(Err(Error::Busy)) => busy += 1,
            other => panic!("another answer: {other:?}"),
        }
    }
    assert!(right >= 1 && busy >= 1, "{right} right, {busy} busy");

    let after = hasher::verify(&wrpc, None, "password", Some(EXPENSIVE)).await;
    assert!(matches!(after, Ok(Ok(true))), "{after:?}");
}

#[tokio::test]
async fn a_malformed_config_is_no_start() {
    let server = NatsServer::start().await;
    let mut provider = provider(&server, &[("workers", "all")]);
    let ended = eventually("it ends", async || provider.ended()).await;
    assert!(!ended.success());
}
