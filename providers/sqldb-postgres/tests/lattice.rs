//! The provider's own process on a lattice: this test is its host, and the component that calls it.
//! Set NATS_SERVER_BIN when the NATS server is not on the path.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod support;

use std::collections::HashMap;

use async_nats::HeaderMap;
use futures::StreamExt as _;
use jetstream_testing::{NatsServer, eventually};
use nkeys::XKey;
use provider_process::ProviderProcess;
use support::Postgres;
use wasmcloud_provider_sdk::core::rpc::health_subject;
use wasmcloud_provider_sdk::{
    HealthCheckResponse, HostData, InterfaceLinkDefinition, ProviderConnection,
};

use bindings::ticketing::postgres::batch::{self, Statement};
use bindings::wasmcloud::postgres::prepared::{self, PreparedStatementExecError};
use bindings::wasmcloud::postgres::query::{self, PgValue, QueryError};

mod bindings {
    wit_bindgen_wrpc::generate!({
        world: "component",
        with: {
            "ticketing:postgres/batch@0.1.0": generate,
            "wasmcloud:postgres/types@0.1.1-draft": generate,
            "wasmcloud:postgres/query@0.1.1-draft": generate,
            "wasmcloud:postgres/prepared@0.1.1-draft": generate,
        }
    });
}

const LATTICE: &str = "default";
const HOST: &str = "the-test";
const PROVIDER: &str = "sqldb-postgres";

/// The provider's process.
fn provider(nats: &NatsServer, links: Vec<(&str, HashMap<String, String>)>) -> ProviderProcess {
    let link = |(name, config): (&str, _)| InterfaceLinkDefinition {
        source_id: "orders".into(),
        target: PROVIDER.into(),
        name: name.into(),
        wit_namespace: "wasmcloud".into(),
        wit_package: "postgres".into(),
        interfaces: vec!["query".into(), "prepared".into()],
        source_config: HashMap::new(),
        target_config: config,
        source_secrets: None,
        target_secrets: None,
    };
    let host = HostData {
        host_id: HOST.into(),
        lattice_rpc_prefix: LATTICE.into(),
        lattice_rpc_url: nats.url(),
        provider_key: PROVIDER.into(),
        link_definitions: links.into_iter().map(link).collect(),
        host_xkey_public_key: XKey::new().public_key(),
        provider_xkey_private_key: XKey::new().seed().expect("a new key has one"),
        ..HostData::default()
    };
    ProviderProcess::start(env!("CARGO_BIN_EXE_provider-sqldb-postgres"), host)
}

/// The headers with which a host says which link a call takes.
fn over(link: &str) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert("link-name", link);
    Some(headers)
}

/// Answers one question of the lattice's control interface, again and again.
async fn answer(nats: &async_nats::Client, question: &str, response: serde_json::Value) {
    let subject = format!("wasmbus.ctl.v1.{LATTICE}.{question}");
    let mut questions = nats.subscribe(subject).await.expect("subscribed");
    let nats = nats.clone();
    tokio::spawn(async move {
        let answer = serde_json::json!({ "success": true, "message": "", "response": response });
        while let Some(question) = questions.next().await {
            let Some(reply) = question.reply else {
                continue;
            };
            nats.publish(reply, answer.to_string().into())
                .await
                .expect("published");
        }
    });
}

#[tokio::test]
async fn a_link_that_never_arrived_is_asked_for() {
    let server = NatsServer::start().await;
    let nats = server.connect().await.client;
    let postgres = Postgres::start();
    // The host has sent it before the provider listened.
    let link = serde_json::json!([{
        "source_id": "orders",
        "target": PROVIDER,
        "name": "default",
        "wit_namespace": "wasmcloud",
        "wit_package": "postgres",
        "interfaces": ["query"],
        "source_config": [],
        "target_config": ["server", "database"],
    }]);
    answer(&nats, "link.get", link).await;
    let server_of = serde_json::json!(postgres.config(&[("POSTGRES_DATABASE", "postgres")]));
    answer(&nats, "config.get.server", server_of).await;
    let database = serde_json::json!({ "POSTGRES_DATABASE": "template1" });
    answer(&nats, "config.get.database", database).await;
    let _provider = provider(&server, Vec::new());

    let component = component(&nats);
    let wrpc = component.get_wrpc_client(PROVIDER).await.expect("wRPC");
    let name = eventually("the link works", async || {
        let sql = "select current_database()::text";
        let rows = query::query(&wrpc, over("default"), sql, &[])
            .await
            .ok()?
            .ok()?;
        match &rows.first()?.first()?.value {
            PgValue::Text(name) => Some(name.clone()),
            _ => None,
        }
    })
    .await;
    assert_eq!(
        name, "template1",
        "of two configurations the later one wins"
    );
}

/// The component at the other end of the links.
fn component(nats: &async_nats::Client) -> ProviderConnection {
    ProviderConnection::new(
        nats.clone(),
        "orders",
        LATTICE,
        HOST.into(),
        HashMap::new(),
        XKey::new(),
        XKey::new(),
    )
    .expect("a connection")
}

#[tokio::test]
async fn a_component_reaches_its_databases_over_its_links() {
    let server = NatsServer::start().await;
    let nats = server.connect().await.client;
    let postgres = Postgres::start();
    let broken = HashMap::from([("POSTGRES_HOST".into(), "127.0.0.1".into())]);
    let links = vec![
        ("default", postgres.config(&[])),
        (
            "other",
            postgres.config(&[("POSTGRES_DATABASE", "template1")]),
        ),
        ("broken", broken),
    ];
    let mut provider = provider(&server, links);
    let message = eventually("its health names the broken link only", async || {
        let subject = health_subject(LATTICE, PROVIDER);
        let answer = nats.request(subject, "".into()).await.ok()?;
        let health: HealthCheckResponse = serde_json::from_slice(&answer.payload).ok()?;
        health.message
    })
    .await;
    assert!(
        message.starts_with("link orders/broken: malformed link config"),
        "{message}"
    );

    let component = component(&nats);
    let wrpc = component.get_wrpc_client(PROVIDER).await.expect("wRPC");
    let sql = "select current_database()::text, $1::int4 + 1";
    let name_over = async |link| {
        let rows = query::query(&wrpc, over(link), sql, &[PgValue::Int8(1)]).await;
        let rows = rows.expect("a call").expect("rows");
        assert!(matches!(rows[0][1].value, PgValue::Int4(2)), "{rows:?}");
        match &rows[0][0].value {
            PgValue::Text(name) => name.clone(),
            other => panic!("no name: {other:?}"),
        }
    };
    assert_eq!(name_over("default").await, "postgres");
    assert_eq!(name_over("other").await, "template1");

    let failed = query::query(&wrpc, over("broken"), "select 1", &[]).await;
    assert!(
        matches!(&failed, Ok(Err(QueryError::Unexpected(text))) if text.starts_with("08003: ")),
        "{failed:?}"
    );
    let statement = |sql: &str| Statement {
        sql: sql.into(),
        params: vec![PgValue::Int8(1)],
    };
    let both = [statement(sql), statement("select $1::int4 / 0")];
    let answers = batch::query_all(&wrpc, over("other"), &both).await;
    let answers = answers.expect("a call");
    assert!(
        matches!(&answers[..], [Ok(rows), Err(QueryError::InvalidParams(_))]
            if matches!(&rows[0][0].value, PgValue::Text(name) if name == "template1")),
        "{answers:?}"
    );
    let none = batch::query_all(&wrpc, over("broken"), &both).await;
    assert!(
        matches!(&none, Ok(answers) if answers.len() == 2 && answers.iter().all(Result::is_err)),
        "{none:?}"
    );
    let batch = query::query_batch(&wrpc, over("default"), "create table t (a int)").await;
    assert!(matches!(batch, Ok(Ok(()))), "{batch:?}");
    let insert = "insert into t select generate_series(1, $1)";
    let token = prepared::prepare(&wrpc, over("default"), insert).await;
    let token = token.expect("a call").expect("a token");
    let affected = prepared::exec(&wrpc, over("default"), &token, &[PgValue::Int4(3)]).await;
    assert!(matches!(affected, Ok(Ok(3))), "{affected:?}");
    let unknown = prepared::exec(&wrpc, over("default"), "7", &[]).await;
    assert!(
        matches!(
            unknown,
            Ok(Err(PreparedStatementExecError::UnknownPreparedQuery))
        ),
        "{unknown:?}"
    );

    // A call in progress is answered before the process ends.
    let slow = "select pg_sleep(0.5)::text";
    let stop = async {
        let running = "select 1 from pg_stat_activity where query like '%pg_sleep(0.5)%' and query not like '%activity%'";
        let watcher = postgres.database(&[]);
        eventually("the slow statement runs", async || {
            let rows = watcher.query(running, &[]).await.ok()?;
            (!rows.is_empty()).then_some(())
        })
        .await;
        provider.ask_to_end(&nats).await;
    };
    let (answer, ()) = tokio::join!(query::query(&wrpc, over("default"), slow, &[]), stop);
    assert!(
        matches!(&answer, Ok(Ok(rows)) if rows.len() == 1),
        "{answer:?}"
    );
    eventually("the process ends well", async || {
        provider.ended().filter(|status| status.success())
    })
    .await;
}
