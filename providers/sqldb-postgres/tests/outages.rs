//! Lost connections, restarts, wrong credentials and TLS against a real Postgres.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod support;

use std::collections::HashMap;
use std::process::{Command, Stdio};
use std::time::Duration;

use provider_kit::LinkKey;
use provider_sqldb_postgres::types::PgValue;
use provider_sqldb_postgres::{Links, Settings};
use support::Postgres;

const CONCURRENTLY: &str = "select pg_sleep(0.1)::text";

#[tokio::test]
async fn a_restart_between_calls_is_not_noticed() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_POOL_SIZE", "4")]);
    let (a, b, c) = tokio::join!(
        database.query(CONCURRENTLY, &[]),
        database.query(CONCURRENTLY, &[]),
        database.query(CONCURRENTLY, &[]),
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());

    postgres.stop();
    postgres.start_again();

    let (a, b, c) = tokio::join!(
        database.query(CONCURRENTLY, &[]),
        database.query(CONCURRENTLY, &[]),
        database.query(CONCURRENTLY, &[]),
    );
    assert_eq!(
        [a.err(), b.err(), c.err()],
        [None, None, None],
        "dead connections surfaced"
    );
    assert_eq!(database.ping().await, Ok(()));
}

#[tokio::test]
async fn a_session_that_the_server_ended_is_replaced() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    let other = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    for _ in 0..10 {
        let rows = database
            .query("select pg_backend_pid()", &[])
            .await
            .expect("a row");
        let PgValue::Int4(pid) = rows[0][0].value else {
            panic!("no process id: {rows:?}");
        };
        other
            .query(
                "select pg_terminate_backend($1, 5000)",
                &[PgValue::Int4(pid)],
            )
            .await
            .expect("ended");
        let again = database.query("select pg_backend_pid()", &[]).await;
        assert!(again.is_ok(), "{:?}", again.err());
    }
}

#[tokio::test]
async fn a_database_that_is_down_is_unreachable_until_it_is_back() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    assert!(database.query("select 1", &[]).await.is_ok());
    postgres.stop();
    for _ in 0..2 {
        let failure = database.query("select 1", &[]).await.expect_err("down");
        assert_eq!(failure.state(), "08006", "{failure}");
        assert!(!failure.to_string().contains(support::PASSWORD));
        assert_eq!(database.ping().await.expect_err("down").state(), "08006");
    }
    postgres.start_again();
    assert_eq!(
        database.query("select 1", &[]).await.map(|rows| rows.len()),
        Ok(1)
    );
    assert_eq!(database.ping().await, Ok(()));
}

#[tokio::test]
async fn a_statement_cut_off_in_the_middle_is_an_error_and_not_repeated() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    database
        .batch("create sequence attempts")
        .await
        .expect("a sequence");
    let slow = "select pg_sleep(20)::text, nextval('attempts')";
    let cut = async {
        let other = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
        // Asleep, so it is running: a connection that is lost while the statement is prepared only costs another try.
        let end = "select pg_terminate_backend(pid) from pg_stat_activity where query like '%nextval%' and wait_event = 'PgSleep'";
        while other.query(end, &[]).await.expect("asked").is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let (outcome, ()) = tokio::join!(database.query(slow, &[]), cut);
    let failure = outcome.expect_err("cut off");
    assert_eq!(failure.state(), "57P01", "{failure}");
    let running = "select 1 from pg_stat_activity where query like '%nextval%' and pid <> pg_backend_pid() and state = 'active'";
    assert_eq!(
        database.query(running, &[]).await.map(|rows| rows.len()),
        Ok(0)
    );
}

#[tokio::test]
async fn wrong_credentials_keep_the_servers_code_and_are_in_the_health() {
    let postgres = Postgres::start();
    let links = Links::default();
    let put = |changes: &[(&str, &str)]| {
        let settings =
            Settings::of_link(&postgres.config(changes), &HashMap::new(), &HashMap::new());
        links
            .put(LinkKey::new("orders", "default"), "wasmcloud", settings)
            .expect("valid settings");
    };
    put(&[("POSTGRES_PASSWORD", "wrong battery")]);
    let health = links.health().await;
    let message = health.message.unwrap_or_default();
    assert!(message.contains("28P01"), "{message}");
    assert!(!message.contains("wrong battery"), "{message}");

    put(&[("POSTGRES_DATABASE", "nowhere")]);
    let message = links.health().await.message.unwrap_or_default();
    assert!(message.contains("3D000"), "{message}");

    put(&[]);
    assert!(links.health().await.healthy);
    postgres.stop();
    assert!(!links.health().await.healthy);
    postgres.start_again();
    assert!(links.health().await.healthy);
}

#[tokio::test]
async fn a_deleted_link_closes_its_connections() {
    let postgres = Postgres::start();
    let links = Links::default();
    let key = LinkKey::new("orders", "default");
    links
        .put(key.clone(), "wasmcloud", Ok(postgres.settings(&[])))
        .expect("valid settings");
    let database = links.database(&key).expect("linked");
    assert!(database.query("select 1", &[]).await.is_ok());
    links.remove(&key);
    assert_eq!(links.database(&key).expect_err("deleted").state(), "08003");
    assert_eq!(
        database
            .query("select 1", &[])
            .await
            .expect_err("deleted")
            .state(),
        "08003"
    );

    let watcher = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    let others = "select 1 from pg_stat_activity where application_name = 'sqldb-postgres' and pid <> pg_backend_pid()";
    let gone = async {
        while !watcher.query(others, &[]).await.expect("asked").is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), gone)
        .await
        .expect("the connections are closed");
}

#[tokio::test]
async fn tls_is_spoken_and_the_server_verified_when_required() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let certificate = folder.path().join("server.crt");
    let key = folder.path().join("server.key");
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
        ])
        .args(["-nodes", "-days", "2", "-subj", "/CN=postgres test"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .expect("this test needs the openssl command: install Debian's package `openssl`");
    assert!(made.success());
    let read = |path| std::fs::read_to_string(path).expect("written");
    let certificate = read(&certificate);
    let postgres = Postgres::start_with(
        "ssl = on\nssl_cert_file = '$DIR/server.crt'\nssl_key_file = '$DIR/server.key'",
        &[("server.crt", &certificate), ("server.key", &read(&key))],
    );
    let encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

    let trusting = postgres.database(&[
        ("POSTGRES_TLS_REQUIRED", "true"),
        ("POSTGRES_TLS_CA", &certificate),
    ]);
    let rows = trusting.query(encrypted, &[]).await.expect("a row");
    assert!(matches!(rows[0][0].value, PgValue::Bool(true)));

    let plain = postgres.database(&[]);
    let rows = plain.query(encrypted, &[]).await.expect("a row");
    assert!(matches!(rows[0][0].value, PgValue::Bool(false)));

    let stranger = postgres.database(&[("POSTGRES_TLS_REQUIRED", "true")]);
    let failure = stranger
        .query(encrypted, &[])
        .await
        .expect_err("not trusted");
    assert_eq!(failure.state(), "08006", "{failure}");

    let without = Postgres::start();
    let required = without.database(&[
        ("POSTGRES_TLS_REQUIRED", "true"),
        ("POSTGRES_TLS_CA", &certificate),
    ]);
    let failure = required.query("select 1", &[]).await.expect_err("no TLS");
    assert_eq!(failure.state(), "08006", "{failure}");
}
