//! Feeds against a real nats-server; the component is a function of the test.
//! Set NATS_SERVER_BIN when the server is not on the path.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod support;

use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::header::NATS_MESSAGE_ID;
use futures::{StreamExt as _, poll};
use jetstream_testing::{DEADLINE, eventually};
use provider_messaging_jetstream::{Event, Failure, Handler};
use support::{Lattice, STREAM, Scripted, refuse, unanswered};
use tokio::sync::Semaphore;

#[tokio::test]
async fn what_the_handler_accepts_is_acknowledged() {
    let lattice = Lattice::start().await;
    let (handler, mut calls) = Scripted::new(|_| Ok(()));
    let _feed = lattice.feed(&[], handler).await;
    for id in ["e1", "e2", "e3"] {
        lattice.publish(id, "{}").await;
    }
    let (event, _) = calls.next().await;
    assert_eq!(event.subject, "ticketing.ticket.created");
    lattice.acknowledged(3).await;
    assert_eq!(lattice.dead_letters().await, 0);
    assert!(lattice.health.response().healthy);
}

#[tokio::test]
async fn what_the_handler_refuses_comes_again_later_and_later() {
    let lattice = Lattice::start().await;
    let attempts = AtomicU32::new(0);
    let (handler, mut calls) = Scripted::new(move |_| {
        if attempts.fetch_add(1, Ordering::SeqCst) < 3 {
            refuse("08006: the database is away")
        } else {
            Ok(())
        }
    });
    let _feed = lattice.feed(&[("nak_delay_ms", "100")], handler).await;
    lattice.publish("e1", "{}").await;
    let mut times = Vec::new();
    for _ in 0..4 {
        times.push(calls.next().await.1);
    }
    for (gap, at_least) in times.windows(2).zip([100, 200, 400]) {
        assert!(
            gap[1] - gap[0] >= Duration::from_millis(at_least),
            "{times:?}"
        );
    }
    lattice.acknowledged(1).await;
    assert_eq!(lattice.dead_letters().await, 0);
}

#[tokio::test]
async fn what_can_never_be_handled_becomes_a_dead_letter() {
    let lattice = Lattice::start().await;
    let (handler, mut calls) = Scripted::new(|_| refuse("permanent: no such version"));
    let _feed = lattice.feed(&[], handler).await;
    lattice.publish("e1", r#"{"id":"e1"}"#).await;
    calls.next().await;
    let dead_letter = lattice.dead_letter().await;
    lattice.acknowledged(1).await;
    assert_eq!(dead_letter.subject.as_str(), "dead-letters.orders");
    assert_eq!(dead_letter.payload, r#"{"id":"e1"}"#);
    for (name, value) in [
        ("Dead-Letter-Reason", "permanent: no such version"),
        ("Dead-Letter-Consumer", "orders"),
        ("Dead-Letter-Subject", "ticketing.ticket.created"),
        ("Dead-Letter-Stream", STREAM),
        ("Dead-Letter-Sequence", "1"),
        ("Dead-Letter-Attempts", "1"),
        ("Dead-Letter-Message-Id", "e1"),
        ("Content-Type", "application/cloudevents+json"),
    ] {
        assert_eq!(
            dead_letter.headers.get(name).map(|v| v.as_str()),
            Some(value),
            "{name}"
        );
    }
    let id = dead_letter.headers.get(NATS_MESSAGE_ID);
    assert_eq!(id.map(|v| v.as_str()), Some("orders:1"));
    assert!(dead_letter.headers.get("Dead-Letter-Time").is_some());
}

#[tokio::test]
async fn too_many_refusals_make_a_dead_letter() {
    let lattice = Lattice::start().await;
    let (handler, _calls) = Scripted::new(|_| refuse("08006: the database is away"));
    let _feed = lattice
        .feed(&[("max_deliver", "3"), ("nak_delay_ms", "10")], handler)
        .await;
    lattice.publish("e1", "{}").await;
    let dead_letter = lattice.dead_letter().await;
    let attempts = dead_letter.headers.get("Dead-Letter-Attempts");
    assert_eq!(attempts.map(|v| v.as_str()), Some("3"));
    lattice.acknowledged(1).await;
}

#[tokio::test]
async fn a_component_that_is_not_there_yet_costs_no_event() {
    let lattice = Lattice::start().await;
    let calls_so_far = AtomicU32::new(0);
    let (handler, mut calls) =
        Scripted::new(move |_| match calls_so_far.fetch_add(1, Ordering::SeqCst) {
            0..4 => unanswered(),
            4 => refuse("08006: the database is away"),
            _ => Ok(()),
        });
    let config = [
        ("max_deliver", "2"),
        ("nak_delay_ms", "10"),
        ("nak_delay_max_ms", "20"),
    ];
    let _feed = lattice.feed(&config, handler).await;
    lattice.publish("e1", "{}").await;
    for _ in 0..3 {
        calls.next().await;
    }
    eventually("the outage is reported", async || {
        let message = lattice.health.response().message?;
        message
            .contains("handler orders/default: no responders")
            .then_some(())
    })
    .await;
    lattice.acknowledged(1).await;
    assert_eq!(lattice.dead_letters().await, 0);
    assert!(lattice.health.response().healthy);
}

#[tokio::test]
async fn failing_events_do_not_block_those_behind_them() {
    let lattice = Lattice::start().await;
    let (handler, mut calls) = Scripted::new(|event| match event.body.as_ref() {
        b"good" => Ok(()),
        _ => refuse("08006: the database is away"),
    });
    let config = [
        ("max_in_flight", "2"),
        ("nak_delay_ms", "60000"),
        ("nak_delay_max_ms", "60000"),
    ];
    let _feed = lattice.feed(&config, handler).await;
    for id in 0..8 {
        lattice.publish(&format!("bad-{id}"), "bad").await;
    }
    lattice.publish("good", "good").await;
    while calls.next().await.0.body != "good" {}
}

#[tokio::test]
async fn nothing_is_lost_when_the_server_crashes_and_comes_back() {
    let mut lattice = Lattice::start().await;
    let (handler, mut calls) = Scripted::new(|_| Ok(()));
    let _feed = lattice.feed(&[], handler).await;
    let mut missing: HashSet<String> = (0..100).map(|n| format!("e{n}")).collect();
    for n in 0..50 {
        lattice.publish(&format!("e{n}"), &format!("e{n}")).await;
    }
    calls.next().await;
    lattice.server.kill();
    eventually("the loss of the server is reported", async || {
        (!lattice.health.response().healthy).then_some(())
    })
    .await;
    lattice.server.restart().await;
    for n in 50..100 {
        lattice.publish(&format!("e{n}"), &format!("e{n}")).await;
    }
    missing.remove("e0");
    while !missing.is_empty() {
        let (event, _) = calls.next().await;
        missing.remove(std::str::from_utf8(&event.body).unwrap());
    }
    lattice.acknowledged(100).await;
    assert!(lattice.health.response().healthy);
}

#[tokio::test]
async fn a_deleted_consumer_and_a_deleted_stream_are_made_again() {
    let lattice = Lattice::start().await;
    let (handler, mut calls) = Scripted::new(|_| Ok(()));
    let _feed = lattice.feed(&[], handler).await;
    lattice.publish("e1", "first").await;
    assert_eq!(calls.next().await.0.body, "first");

    let stream = lattice.jetstream.context.get_stream(STREAM).await.unwrap();
    stream.delete_consumer(support::CONSUMER).await.unwrap();
    lattice.publish("e2", "second").await;
    // A new durable consumer starts with the stream's first event again.
    while calls.next().await.0.body != "second" {}

    lattice
        .jetstream
        .context
        .delete_stream(STREAM)
        .await
        .unwrap();
    lattice.publish("e3", "third").await;
    while calls.next().await.0.body != "third" {}
}

#[tokio::test]
async fn a_consumer_whose_files_are_gone_is_heard_from() {
    let mut lattice = Lattice::start().await;
    let (handler, mut calls) = Scripted::new(|_| Ok(()));
    let feed = lattice.feed(&[], handler.clone()).await;
    lattice.publish("e1", "{}").await;
    calls.next().await;
    lattice.acknowledged(1).await;
    feed.drain(DEADLINE).await;
    std::fs::remove_dir_all(lattice.consumer_files()).expect("they were there");

    let _feed = lattice.feed(&[], handler).await;
    lattice.publish("e2", "{}").await;
    calls.next().await;
    lattice.acknowledged(2).await;

    // A server that starts anew does not know it any more: it hears everything again.
    lattice.server.restart().await;
    lattice.publish("e3", "{}").await;
    for _ in ["e1", "e2", "e3"] {
        calls.next().await;
    }
    lattice.acknowledged(3).await;
}

#[tokio::test]
async fn a_trace_in_a_cloud_event_reaches_the_handler() {
    let lattice = Lattice::start().await;
    let (handler, mut calls) = Scripted::new(|_| Ok(()));
    let _feed = lattice.feed(&[], handler).await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    lattice
        .publish("e1", &format!(r#"{{"traceparent":"{trace}"}}"#))
        .await;
    assert_eq!(calls.next().await.0.traceparent.as_deref(), Some(trace));
    lattice
        .publish("e2", r#"{"traceparent":"a\r\nb: c"}"#)
        .await;
    assert_eq!(calls.next().await.0.traceparent, None);
}

/// Handles an event when the test lets it. A clone sees the same.
#[derive(Clone)]
struct Gated {
    gate: Arc<Semaphore>,
    now: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Gated {
    fn new() -> Self {
        Self {
            gate: Arc::new(Semaphore::new(0)),
            now: Arc::default(),
            most: Arc::default(),
        }
    }

    fn now(&self) -> usize {
        self.now.load(Ordering::SeqCst)
    }
}

impl Handler for Gated {
    async fn handle(&self, _: Event) -> Result<(), Failure> {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        self.now.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn no_more_than_max_in_flight_are_handled_at_a_time() {
    let lattice = Lattice::start().await;
    let handler = Gated::new();
    for n in 0..10 {
        lattice.publish(&format!("e{n}"), "{}").await;
    }
    let _feed = lattice
        .feed(&[("max_in_flight", "3")], handler.clone())
        .await;
    eventually("three are being handled", async || {
        (handler.now() == 3).then_some(())
    })
    .await;
    handler.gate.add_permits(10);
    lattice.acknowledged(10).await;
    assert_eq!(handler.most.load(Ordering::SeqCst), 3);
}

/// Loses its first answer.
struct Forgetful(AtomicU32);

impl Handler for Forgetful {
    async fn handle(&self, _: Event) -> Result<(), Failure> {
        if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_not_waited_for() {
    let lattice = Lattice::start().await;
    let forgetful = Forgetful(AtomicU32::new(0));
    let _feed = lattice
        .feed(&[("handler_timeout_ms", "1000")], forgetful)
        .await;
    lattice.publish("e1", "{}").await;
    lattice.acknowledged(1).await;
}

#[tokio::test]
async fn what_takes_longer_than_the_ack_wait_is_handled_once() {
    let lattice = Lattice::start().await;
    let handler = Gated::new();
    let client = &lattice.jetstream.client;
    let mut signs = client.subscribe("$JS.ACK.>").await.unwrap();
    let _feed = lattice
        .feed(&[("ack_wait_ms", "900")], handler.clone())
        .await;
    lattice.publish("e1", "{}").await;
    // One each 300 ms.
    for _ in 0..6 {
        let sign = tokio::time::timeout(DEADLINE, signs.next()).await.unwrap();
        assert_eq!(sign.unwrap().payload, "+WPI");
    }
    assert_eq!(handler.now(), 1);
    assert_eq!(lattice.consumer().await.unwrap().num_redelivered, 0);
    handler.gate.add_permits(1);
    lattice.acknowledged(1).await;
}

#[tokio::test]
async fn a_drained_feed_finishes_what_is_in_flight_and_takes_nothing_new() {
    let lattice = Lattice::start().await;
    let handler = Gated::new();
    let feed = lattice
        .feed(&[("max_in_flight", "1")], handler.clone())
        .await;
    lattice.publish("e1", "{}").await;
    eventually("it is being handled", async || {
        (handler.now() == 1).then_some(())
    })
    .await;
    lattice.publish("e2", "{}").await;
    let mut drained = pin!(feed.drain(Duration::from_secs(20)));
    // From here on the feed is stopped.
    assert!(poll!(drained.as_mut()).is_pending());
    handler.gate.add_permits(2);
    drained.await;
    // The server takes an acknowledgement in its own time.
    let info = eventually("the first is acknowledged", async || {
        let info = lattice.consumer().await?;
        (info.ack_floor.stream_sequence == 1).then_some(info)
    })
    .await;
    assert_eq!((info.num_pending, info.num_ack_pending), (1, 0));
}

#[tokio::test]
async fn a_feed_that_is_started_before_the_server_attaches_when_it_comes() {
    let mut lattice = Lattice::start().await;
    let (handler, mut calls) = Scripted::new(|_| Ok(()));
    let feed = {
        let starting = lattice.feed(&[], handler).await;
        lattice.server.kill();
        starting
    };
    lattice.server.restart().await;
    lattice.publish("e1", "{}").await;
    calls.next().await;
    lattice.acknowledged(1).await;
    drop(feed);
}
