//! Feeds in batches against a real nats-server; the component is a function of the test.
//! Set NATS_SERVER_BIN when the server is not on the path.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod support;

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use jetstream_testing::eventually;
use provider_messaging_jetstream::{BatchHandler, Event};
use support::Lattice;

/// The bodies of each call.
type Calls = Arc<Mutex<Vec<Vec<String>>>>;

/// Accepts every event but those that say otherwise.
struct Scripted(Calls);

impl BatchHandler for Scripted {
    async fn handle_all(&self, events: Vec<Event>) -> Result<Vec<Result<(), String>>, String> {
        let bodies: Vec<String> = events
            .iter()
            .map(|event| String::from_utf8_lossy(&event.body).into_owned())
            .collect();
        self.0.lock().unwrap().push(bodies.clone());
        if bodies.iter().any(|body| body == "trap") {
            return Err("no responders".to_owned());
        }
        Ok(bodies
            .iter()
            .map(|body| match body.as_str() {
                "permanent" => Err("permanent: no such version".to_owned()),
                _ => Ok(()),
            })
            .collect())
    }
}

/// A hundred events, of which one is `odd`, and what the feed then calls.
async fn feed_with(lattice: &Lattice, odd: &str) -> (provider_messaging_jetstream::Feed, Calls) {
    for n in 0..100 {
        let body = if n == 50 {
            odd.to_owned()
        } else {
            n.to_string()
        };
        lattice.publish(&format!("e{n}"), &body).await;
    }
    let calls = Calls::default();
    // Nothing is to come again because the machine is busy.
    let config = [
        ("max_calls", "1"),
        ("nak_delay_ms", "50"),
        ("ack_wait_ms", "60000"),
    ];
    let feed = lattice
        .feed_in_batches(&config, Scripted(Arc::clone(&calls)))
        .await;
    (feed, calls)
}

fn all(calls: &Calls) -> HashSet<String> {
    calls.lock().unwrap().iter().flatten().cloned().collect()
}

#[tokio::test]
async fn a_backlog_is_handled_in_fewer_calls_than_events() {
    let lattice = Lattice::start().await;
    let (_feed, calls) = feed_with(&lattice, "50").await;
    lattice.acknowledged(100).await;
    assert_eq!(all(&calls).len(), 100);
    let calls = calls.lock().unwrap();
    assert!(calls.len() < 100, "{} calls", calls.len());
    assert!(calls.iter().all(|call| call.len() <= 64));
    assert!(lattice.health.response().healthy);
}

#[tokio::test]
async fn each_event_of_a_call_has_its_own_verdict() {
    let lattice = Lattice::start().await;
    let (_feed, calls) = feed_with(&lattice, "permanent").await;
    let dead_letter = lattice.dead_letter().await;
    assert_eq!(dead_letter.payload, "permanent");
    lattice.acknowledged(100).await;
    assert_eq!(lattice.dead_letters().await, 1);
    let handled: usize = calls.lock().unwrap().iter().map(Vec::len).sum();
    assert_eq!(handled, 100, "a refusal made others come again");
}

#[tokio::test]
async fn an_event_that_the_component_dies_of_holds_up_no_other() {
    let lattice = Lattice::start().await;
    let (_feed, calls) = feed_with(&lattice, "trap").await;
    eventually("all others are acknowledged", async || {
        let info = lattice.consumer().await?;
        let done = info.num_ack_pending == 1 && info.num_pending == 0;
        (done && all(&calls).len() == 100).then_some(())
    })
    .await;
    eventually("it goes alone", async || {
        let calls = calls.lock().unwrap();
        calls.iter().any(|call| call[..] == ["trap"]).then_some(())
    })
    .await;
    assert_eq!(lattice.dead_letters().await, 0);
}
