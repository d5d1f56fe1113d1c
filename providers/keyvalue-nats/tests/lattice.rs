//! The provider's own process on a lattice: this test is its host, and the component that calls it.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod support;

use std::collections::HashMap;
use std::time::Duration;

use async_nats::HeaderMap;
use bytes::Bytes;
use nkeys::XKey;
use provider_process::ProviderProcess;
use support::Nats;
use wasmcloud_provider_sdk::core::rpc::health_subject;
use wasmcloud_provider_sdk::{
    HealthCheckResponse, HostData, InterfaceLinkDefinition, ProviderConnection,
};

use bindings::wrpc::keyvalue::{atomics, batch, store};

mod bindings {
    wit_bindgen_wrpc::generate!({
        world: "component",
        with: {
            "wrpc:keyvalue/store@0.2.0-draft": generate,
            "wrpc:keyvalue/atomics@0.2.0-draft": generate,
            "wrpc:keyvalue/batch@0.2.0-draft": generate,
        }
    });
}

const LATTICE: &str = "default";
const HOST: &str = "the-test";
const PROVIDER: &str = "keyvalue-nats";

/// The provider's process.
fn provider(nats: &Nats, links: &[(&str, &str)]) -> ProviderProcess {
    let link = |(name, buckets): &(&str, &str)| InterfaceLinkDefinition {
        source_id: "auth".into(),
        target: PROVIDER.into(),
        name: name.to_string(),
        wit_namespace: "wasi".into(),
        wit_package: "keyvalue".into(),
        interfaces: vec!["store".into(), "atomics".into(), "batch".into()],
        source_config: HashMap::new(),
        target_config: HashMap::from([("buckets".into(), buckets.to_string())]),
        source_secrets: None,
        target_secrets: None,
    };
    let host = HostData {
        host_id: HOST.into(),
        lattice_rpc_prefix: LATTICE.into(),
        lattice_rpc_url: nats.url(),
        provider_key: PROVIDER.into(),
        link_definitions: links.iter().map(link).collect(),
        ..HostData::default()
    };
    ProviderProcess::start(env!("CARGO_BIN_EXE_provider-keyvalue-nats"), host)
}

async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let poll = async {
        loop {
            if let Some(value) = condition().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), poll)
        .await
        .unwrap_or_else(|_| panic!("not in time: {what}"))
}

/// The headers with which a host says which link a call takes.
fn over(link: &str) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert("link-name", link);
    Some(headers)
}

#[tokio::test]
async fn a_component_reaches_its_buckets_over_its_links() {
    let nats = Nats::start();
    let mut provider = provider(
        &nats,
        &[("default", "throttle:900"), ("tokens", "refresh:0")],
    );
    let client = nats.client().await;
    eventually("it is healthy", async || {
        let subject = health_subject(LATTICE, PROVIDER);
        let answer = client.request(subject, Bytes::new()).await.ok()?;
        let health: HealthCheckResponse = serde_json::from_slice(&answer.payload).ok()?;
        health.healthy.then_some(())
    })
    .await;
    let component = ProviderConnection::new(
        client.clone(),
        "auth",
        LATTICE,
        HOST.into(),
        HashMap::new(),
        XKey::new(),
        XKey::new(),
    )
    .expect("a connection");
    let wrpc = component.get_wrpc_client(PROVIDER).await.expect("wRPC");
    let value = Bytes::from_static(b"1");

    let set = store::set(&wrpc, over("default"), "throttle", "me@home", &value).await;
    assert!(matches!(set, Ok(Ok(()))), "{set:?}");
    let got = store::get(&wrpc, over("default"), "throttle", "me@home").await;
    assert!(
        matches!(&got, Ok(Ok(Some(got))) if *got == value),
        "{got:?}"
    );
    let sum = atomics::increment(&wrpc, over("default"), "throttle", "me@home", 2).await;
    assert!(matches!(sum, Ok(Ok(3))), "{sum:?}");
    let many = batch::get_many(&wrpc, over("default"), "throttle", &["me@home", "x"]).await;
    assert!(
        matches!(&many, Ok(Ok(found)) if found.len() == 2 && found[1].is_none()),
        "{many:?}"
    );
    let page = store::list_keys(&wrpc, over("default"), "throttle", None).await;
    assert!(
        matches!(&page, Ok(Ok(page)) if page.keys == ["me@home"]),
        "{page:?}"
    );

    let named = store::set(&wrpc, over("tokens"), "refresh", "a", &value).await;
    assert!(matches!(named, Ok(Ok(()))), "{named:?}");
    let other = store::get(&wrpc, over("default"), "refresh", "a").await;
    assert!(
        matches!(other, Ok(Err(store::Error::NoSuchStore))),
        "{other:?}"
    );

    provider.ask_to_end(&client).await;
    eventually("the process ends well", async || {
        provider.ended().filter(|status| status.success())
    })
    .await;
}
