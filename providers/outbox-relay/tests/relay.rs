//! The relay between a real Postgres and a real nats-server.
//! Set NATS_SERVER_BIN and POSTGRES_BIN_DIR when they are not where the system has them.

mod support;

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::message::StreamMessage;
use jetstream_kit::{JetStream, ensure_events};
use jetstream_testing::{NatsServer, eventually};
use provider_kit::Health;
use provider_outbox_relay::{Relay, RelayConfig};
use serde_json::Value;
use support::{Postgres, emptied, insert, rows};
use tokio::task::JoinSet;

const STREAM: &str = "TICKETING";
const DEAD_LETTERS: &str = "TICKETING_DEAD_LETTERS";

fn start(config: &RelayConfig, jetstream: JetStream, health: &Health) -> Relay {
    Relay::start(config.sources[0].clone(), config, jetstream, health)
}

async fn stored(jetstream: &JetStream, stream: &str) -> u64 {
    let mut stream = jetstream.context.get_stream(stream).await.unwrap();
    stream.info().await.unwrap().state.messages
}

async fn message(jetstream: &JetStream, stream: &str, sequence: u64) -> StreamMessage {
    let stream = jetstream.context.get_stream(stream).await.unwrap();
    stream.get_raw_message(sequence).await.unwrap()
}

#[tokio::test]
async fn a_row_becomes_a_cloud_event_and_leaves_the_outbox() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (client, jetstream) = (postgres.client().await, nats.connect().await);
    let id: String = client
        .query_one(
            "insert into outbox (type, subject, data, traceparent, time)
             values ('ticket:created', 't1', '{\"price\": 12.50}',
                     '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '2030-01-02 04:04:05+01')
             returning id::text",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    let health = Health::default();
    let _relay = start(&postgres.config(&[]), jetstream.clone(), &health);
    emptied(&client).await;
    let message = message(&jetstream, STREAM, 1).await;
    assert_eq!(message.subject.as_str(), "ticketing.ticket.created");
    assert_eq!(message.headers.get(NATS_MESSAGE_ID).unwrap().as_str(), id);
    assert_eq!(
        message.headers.get("Content-Type").unwrap().as_str(),
        "application/cloudevents+json"
    );
    let event: Value = serde_json::from_slice(&message.payload).unwrap();
    let expected = serde_json::json!({
        "specversion": "1.0",
        "id": id,
        "source": "/ticketing/tickets",
        "type": "ticket:created",
        "subject": "t1",
        "time": "2030-01-02T03:04:05.000000Z",
        "datacontenttype": "application/json",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "data": {"price": 12.50},
    });
    assert_eq!(event, expected);
    eventually("it is healthy", async || {
        health.response().healthy.then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_notification_wakes_the_relay_long_before_the_poll() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (client, jetstream) = (postgres.client().await, nats.connect().await);
    let health = Health::default();
    let config = postgres.config(&[("poll_ms", "600000")]);
    let _relay = start(&config, jetstream, &health);
    eventually("it relays", async || {
        health.response().healthy.then_some(())
    })
    .await;
    let inserted = Instant::now();
    insert(&client, "ticket:created", 1).await;
    emptied(&client).await;
    assert!(inserted.elapsed() < Duration::from_secs(10));
}

async fn is_true(client: &tokio_postgres::Client, query: &str) -> bool {
    client.query_one(query, &[]).await.unwrap().get(0)
}

/// Whether the relay of this database looks by itself.
async fn is_awake(client: &tokio_postgres::Client) -> bool {
    is_true(
        client,
        "select exists (select from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock' and granted
               and classid = 418614700901 >> 32 and objid = 418614700901 & 4294967295)",
    )
    .await
}

/// Inserts a row after the other until it is dropped, on connections of its own.
async fn crowd(postgres: &Postgres) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for _ in 0..4 {
        let client = postgres.client().await;
        writers.spawn(async move {
            loop {
                insert(&client, "ticket:created", 1).await;
            }
        });
    }
    writers
}

/// A relay that looks every ten minutes if nobody notifies it, and has been awakened by a crowd that still writes.
async fn awakened(postgres: &Postgres, jetstream: JetStream) -> (Relay, JoinSet<()>) {
    let config = postgres.config(&[("poll_ms", "600000")]);
    let relay = start(&config, jetstream, &Health::default());
    let (writers, client) = (crowd(postgres).await, postgres.client().await);
    eventually("the relay is awake", async || {
        is_awake(&client).await.then_some(())
    })
    .await;
    (relay, writers)
}

async fn asleep(client: &tokio_postgres::Client) {
    eventually("the relay is asleep", async || {
        (!is_awake(client).await).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nobody_notifies_a_relay_that_is_awake() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (_relay, mut writers) = awakened(&postgres, nats.connect().await).await;
    let (listener, notified) = postgres.listener("outbox").await;
    let client = postgres.client().await;
    let count = async || -> i64 {
        let last = client.query_one("select last_value from outbox_seq_seq", &[]);
        last.await.unwrap().get(0)
    };
    let first = count().await;
    let inserted = eventually("hundreds of rows", async || {
        let inserted = count().await - first;
        (inserted > 500).then_some(inserted)
    })
    .await;
    let notified = i64::try_from(notified.load(Ordering::Relaxed)).unwrap();
    // A busy machine may hold up all writers for so long that it falls asleep for a moment.
    assert!(notified < inserted / 10, "{notified} of {inserted}");
    drop(listener);

    writers.shutdown().await;
    asleep(&client).await;
    emptied(&client).await;
    insert(&client, "ticket:created", 1).await;
    emptied(&client).await;
}

#[tokio::test]
async fn who_wrote_while_it_was_awake_and_commits_when_it_is_asleep_is_heard() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (_relay, mut writers) = awakened(&postgres, nats.connect().await).await;
    let (client, slow) = (postgres.client().await, postgres.client().await);
    slow.batch_execute("begin").await.unwrap();
    insert(&slow, "ticket:created", 1).await;
    assert!(is_awake(&client).await, "it has not been notified");
    writers.shutdown().await;
    asleep(&client).await;
    emptied(&client).await;

    slow.batch_execute("commit").await.unwrap();
    emptied(&client).await;
}

/// Whether this connection's transaction has told a relay that it will notify it.
async fn will_notify(client: &tokio_postgres::Client) -> bool {
    is_true(
        client,
        "select exists (select from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())",
    )
    .await
}

/// Whether the relay, which has a lock, has asked the server for nothing for longer than it waits for writers.
async fn rests(client: &tokio_postgres::Client) -> bool {
    is_true(
        client,
        "select exists (select from pg_stat_activity a
               join pg_locks l on l.pid = a.pid and locktype = 'advisory' and mode = 'ExclusiveLock' and granted
               where a.state = 'idle' and a.state_change < clock_timestamp() - interval '200 ms')",
    )
    .await
}

#[tokio::test]
async fn who_wrote_while_it_tried_in_vain_to_stay_awake_is_heard() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (client, jetstream) = (postgres.client().await, nats.connect().await);
    let (slow, late) = (postgres.client().await, postgres.client().await);
    let config = postgres.config(&[("poll_ms", "600000")]);
    let _relay = start(&config, jetstream, &Health::default());
    slow.batch_execute("begin").await.unwrap();
    insert(&slow, "ticket:created", 1).await;
    assert!(will_notify(&slow).await);
    // For these it would stay awake, but for the slow one it cannot.
    let mut writers = crowd(&postgres).await;
    eventually("it tries while somebody writes", async || {
        late.batch_execute("begin").await.unwrap();
        insert(&late, "ticket:created", 1).await;
        if will_notify(&late).await {
            late.batch_execute("rollback").await.unwrap();
            return None;
        }
        Some(())
    })
    .await;
    writers.shutdown().await;
    emptied(&client).await;
    assert!(!is_awake(&client).await);
    eventually("it tries no more", async || {
        rests(&client).await.then_some(())
    })
    .await;

    late.batch_execute("commit").await.unwrap();
    emptied(&client).await;
}

#[tokio::test]
async fn rows_stay_until_the_stream_has_acknowledged_them() {
    let (postgres, mut nats) = (Postgres::start().await, NatsServer::start().await);
    let (client, jetstream) = (postgres.client().await, nats.connect().await);
    let health = Health::default();
    let _relay = start(&postgres.config(&[("poll_ms", "50")]), jetstream, &health);
    insert(&client, "ticket:created", 10).await;
    emptied(&client).await;

    nats.kill();
    insert(&client, "ticket:created", 700).await;
    eventually("the loss is reported", async || {
        (!health.response().healthy).then_some(())
    })
    .await;
    assert_eq!(rows(&client).await, 700);

    nats.restart().await;
    emptied(&client).await;
    let jetstream = nats.connect().await;
    assert_eq!(stored(&jetstream, STREAM).await, 710);
    eventually("it is healthy", async || {
        health.response().healthy.then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_published_again_is_stored_once() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (client, jetstream) = (postgres.client().await, nats.connect().await);
    ensure_events(&jetstream.context, STREAM).await.unwrap();
    insert(&client, "ticket:created", 5).await;
    // As if a relay had crashed between the acknowledgement and the deletion.
    for row in client
        .query("select id::text from outbox", &[])
        .await
        .unwrap()
    {
        let id: String = row.get(0);
        let mut headers = async_nats::HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id.as_str());
        let subject = "ticketing.ticket.created";
        let context = &jetstream.context;
        let publish = context.publish_with_headers(subject, headers, "{}".into());
        publish.await.unwrap().await.unwrap();
    }
    let _relay = start(&postgres.config(&[]), jetstream.clone(), &Health::default());
    emptied(&client).await;
    assert_eq!(stored(&jetstream, STREAM).await, 5);
}

#[tokio::test]
async fn of_two_relays_one_works_and_the_other_takes_over() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let client = postgres.client().await;
    let config = postgres.config(&[("poll_ms", "50")]);
    let (health, other_health) = (Health::default(), Health::default());
    let first = start(&config, nats.connect().await, &health);
    eventually("the first has the lock", async || {
        (locks(&client).await == 1).then_some(())
    })
    .await;
    let _second = start(&config, nats.connect().await, &other_health);
    eventually("the second stands by", async || {
        other_health.response().healthy.then_some(())
    })
    .await;
    assert_eq!(locks(&client).await, 1);
    insert(&client, "ticket:created", 3).await;
    emptied(&client).await;

    first.stop(Duration::from_secs(10)).await;
    insert(&client, "ticket:updated", 3).await;
    emptied(&client).await;
    assert_eq!(stored(&nats.connect().await, STREAM).await, 6);
}

async fn locks(client: &tokio_postgres::Client) -> i64 {
    client
        .query_one(
            "select count(*) from pg_locks where locktype = 'advisory' and granted",
            &[],
        )
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn a_row_that_can_never_be_an_event_becomes_a_dead_letter_and_blocks_nothing() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (client, jetstream) = (postgres.client().await, nats.connect().await);
    insert(&client, "Not A Type", 1).await;
    insert(&client, "ticket:created", 3).await;
    let _relay = start(
        &postgres.config(&[("batch", "1")]),
        jetstream.clone(),
        &Health::default(),
    );
    emptied(&client).await;
    assert_eq!(stored(&jetstream, STREAM).await, 3);
    let dead_letter = message(&jetstream, DEAD_LETTERS, 1).await;
    assert_eq!(
        dead_letter.subject.as_str(),
        "dead-letters.outbox-relay.tickets"
    );
    let reason = dead_letter.headers.get("Dead-Letter-Reason").unwrap();
    assert!(
        reason.as_str().contains("Not A Type"),
        "{}",
        reason.as_str()
    );
    let row: Value = serde_json::from_slice(&dead_letter.payload).unwrap();
    assert_eq!(row["data"], serde_json::json!({"n": 1}));
}

#[tokio::test]
async fn an_event_that_the_server_cannot_take_stays_and_blocks_nothing() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (client, jetstream) = (postgres.client().await, nats.connect().await);
    let huge = "insert into outbox (type, subject, data)
                values ('ticket:created', 't1', to_jsonb(repeat('x', 2000000)))";
    client.execute(huge, &[]).await.unwrap();
    insert(&client, "ticket:created", 3).await;
    let health = Health::default();
    let _relay = start(
        &postgres.config(&[("batch", "1")]),
        jetstream.clone(),
        &health,
    );
    eventually("the others are relayed", async || {
        (rows(&client).await == 1).then_some(())
    })
    .await;
    eventually("the refusal is reported", async || {
        let message = health.response().message?;
        message
            .contains("1 events are refused, the first is row 1")
            .then_some(())
    })
    .await;
    assert_eq!(stored(&jetstream, STREAM).await, 3);
}

#[tokio::test]
async fn a_restart_of_postgres_is_survived() {
    let (mut postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let client = postgres.client().await;
    let health = Health::default();
    let _relay = start(
        &postgres.config(&[("poll_ms", "50")]),
        nats.connect().await,
        &health,
    );
    insert(&client, "ticket:created", 3).await;
    emptied(&client).await;
    postgres.kill();
    eventually("the loss is reported", async || {
        (!health.response().healthy).then_some(())
    })
    .await;
    postgres.restart().await;
    let client = postgres.client().await;
    insert(&client, "ticket:created", 3).await;
    emptied(&client).await;
    assert_eq!(stored(&nats.connect().await, STREAM).await, 6);
}

#[tokio::test]
async fn thousands_of_events_keep_their_order() {
    let (postgres, nats) = (Postgres::start().await, NatsServer::start().await);
    let (client, jetstream) = (postgres.client().await, nats.connect().await);
    insert(&client, "ticket:created", 3000).await;
    let started = Instant::now();
    let _relay = start(&postgres.config(&[]), jetstream.clone(), &Health::default());
    emptied(&client).await;
    let rate = 3000.0 / started.elapsed().as_secs_f64();
    println!("{rate:.0} events a second");
    for sequence in [1, 1500, 3000] {
        let message = message(&jetstream, STREAM, sequence).await;
        let event: Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(event["data"]["n"], sequence);
    }
}
