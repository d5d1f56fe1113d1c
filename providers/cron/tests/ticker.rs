//! Tickers against a real nats-server; the component is a counter of the test.
//! Set NATS_SERVER_BIN when the server is not on the path.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use chrono::Utc;
use jetstream_kit::JetStream;
use jetstream_testing::{NatsServer, eventually};
use provider_cron::{Claim, CronConfig, Ledger, Scheduled, Ticker, key};
use provider_kit::Health;
use tokio::sync::Semaphore;

const BUCKET: &str = "cron";
const HOUR: i64 = 3_600_000;

/// Counts its invocations, and fails while it is told to.
#[derive(Clone, Default)]
struct Counter {
    fired: Arc<AtomicUsize>,
    broken: Arc<AtomicBool>,
}

impl Counter {
    fn fired(&self) -> usize {
        self.fired.load(Ordering::SeqCst)
    }
}

impl Scheduled for Counter {
    async fn invoke(&self, payload: Bytes) -> Result<(), String> {
        assert_eq!(payload, "due");
        self.fired.fetch_add(1, Ordering::SeqCst);
        match self.broken.load(Ordering::SeqCst) {
            false => Ok(()),
            true => Err("the component is broken".into()),
        }
    }
}

fn config(key: &str, value: &str) -> CronConfig {
    let pairs = [(key, value), ("payload", "due")];
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    CronConfig::from_link(&HashMap::from(pairs)).unwrap()
}

fn start(config: &CronConfig, nats: &JetStream, to: &impl ScheduledClone) -> (Ticker, Health) {
    let health = Health::default();
    let key = key("expiration", "default");
    let ticker = Ticker::start(key, config.clone(), BUCKET, nats, to.clone(), &health);
    (ticker, health)
}

trait ScheduledClone: Scheduled + Clone {}
impl<S: Scheduled + Clone> ScheduledClone for S {}

async fn ledger(nats: &JetStream, claimant: &str) -> Ledger {
    let key = key("expiration", "default");
    Ledger::open(&nats.context, BUCKET, &key, claimant)
        .await
        .unwrap()
}

async fn healthy(health: &Health) {
    eventually("it is healthy", async || {
        health.response().healthy.then_some(())
    })
    .await;
}

#[tokio::test]
async fn two_instances_fire_once_for_each_tick() {
    let nats = NatsServer::start().await;
    let (one, other) = (nats.connect().await, nats.connect().await);
    let (config, counter) = (config("interval_ms", "100"), Counter::default());
    let begin = Utc::now().timestamp_millis() / 100;
    let _first = start(&config, &one, &counter);
    let _second = start(&config, &other, &counter);
    eventually("it has fired often", async || {
        (counter.fired() >= 20).then_some(())
    })
    .await;
    let fired = counter.fired() as i64;
    let ticks = Utc::now().timestamp_millis() / 100 - begin;
    assert!(fired <= ticks, "{fired} firings in {ticks} ticks");
}

#[tokio::test]
async fn an_expression_fires_when_it_says() {
    let nats = NatsServer::start().await;
    let counter = Counter::default();
    let config = config("expression", "* * * * * *");
    let _ticker = start(&config, &nats.connect().await, &counter);
    eventually("it has fired twice", async || {
        (counter.fired() >= 2).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_new_schedule_waits_for_its_first_tick() {
    let nats = NatsServer::start().await;
    let nats = nats.connect().await;
    let counter = Counter::default();
    let (_ticker, health) = start(&config("interval_ms", &HOUR.to_string()), &nats, &counter);
    healthy(&health).await;
    assert_eq!(counter.fired(), 0);
}

#[tokio::test]
async fn missed_ticks_are_made_up_for_by_one() {
    let nats = NatsServer::start().await;
    let nats = nats.connect().await;
    let config = config("interval_ms", &HOUR.to_string());
    let now = Utc::now().timestamp_millis();
    let five_hours_ago = config.schedule.latest(now - 5 * HOUR).unwrap();
    assert_eq!(
        ledger(&nats, "the test")
            .await
            .claim(five_hours_ago)
            .await
            .unwrap(),
        Claim::Taken
    );
    let counter = Counter::default();
    let (ticker, health) = start(&config, &nats, &counter);
    healthy(&health).await;
    ticker.stop(jetstream_testing::DEADLINE).await;
    let (_next, health) = start(&config, &nats, &counter);
    healthy(&health).await;
    // A second one only when the hour has just struck.
    let hours = (Utc::now().timestamp_millis() / HOUR - now / HOUR) as usize;
    assert!(
        (1..=1 + hours).contains(&counter.fired()),
        "{}",
        counter.fired()
    );
}

#[tokio::test]
async fn of_two_claims_for_a_tick_one_wins() {
    let nats = NatsServer::start().await;
    let nats = nats.connect().await;
    let (mut one, mut other) = (ledger(&nats, "one").await, ledger(&nats, "other").await);
    assert_eq!(
        one.claim(1000).await.unwrap(),
        Claim::Taken,
        "it only begins"
    );
    assert_eq!(other.claim(2000).await.unwrap(), Claim::Won);
    assert_eq!(one.claim(2000).await.unwrap(), Claim::Taken);
    assert_eq!(one.claim(3000).await.unwrap(), Claim::Won);
    assert_eq!(other.claim(3000).await.unwrap(), Claim::Taken);
    assert_eq!(other.claim(2000).await.unwrap(), Claim::Taken);
}

#[tokio::test]
async fn a_claim_whose_confirmation_was_lost_is_still_the_claimants() {
    let nats = NatsServer::start().await;
    let nats = nats.connect().await;
    let mut before = ledger(&nats, "one").await;
    before.claim(1000).await.unwrap();
    assert_eq!(before.claim(2000).await.unwrap(), Claim::Won);
    // After an error the ledger is opened again, and knows nothing.
    assert_eq!(
        ledger(&nats, "one").await.claim(2000).await.unwrap(),
        Claim::Won
    );
    assert_eq!(
        ledger(&nats, "other").await.claim(2000).await.unwrap(),
        Claim::Taken
    );
}

#[tokio::test]
async fn a_claim_from_the_far_future_does_not_silence_the_others() {
    let nats = NatsServer::start().await;
    let nats = nats.connect().await;
    let now = Utc::now().timestamp_millis();
    let mut wrong_clock = ledger(&nats, "wrong clock").await;
    wrong_clock.claim(now + 24 * HOUR).await.unwrap();
    let in_two_minutes = now + 120_000;
    assert_eq!(
        ledger(&nats, "the test")
            .await
            .claim(in_two_minutes)
            .await
            .unwrap(),
        Claim::Won
    );
}

#[tokio::test]
async fn a_restart_of_the_server_is_survived() {
    let mut nats = NatsServer::start().await;
    let counter = Counter::default();
    let config = config("interval_ms", "100");
    let (_ticker, health) = start(&config, &nats.connect().await, &counter);
    eventually("it fires", async || (counter.fired() >= 1).then_some(())).await;
    nats.kill();
    eventually("the loss is reported", async || {
        (!health.response().healthy).then_some(())
    })
    .await;
    nats.restart().await;
    healthy(&health).await;
    let before = counter.fired();
    eventually("it fires again", async || {
        (counter.fired() > before).then_some(())
    })
    .await;
}

#[tokio::test]
async fn failures_in_a_row_are_counted_in_the_health_report() {
    let nats = NatsServer::start().await;
    let counter = Counter::default();
    counter.broken.store(true, Ordering::SeqCst);
    let (_ticker, health) = start(
        &config("interval_ms", "50"),
        &nats.connect().await,
        &counter,
    );
    eventually("the failures are reported", async || {
        let message = health.response().message?;
        message
            .contains("invocations in a row failed: the component is broken")
            .then_some(())
    })
    .await;
    counter.broken.store(false, Ordering::SeqCst);
    healthy(&health).await;
}

/// Counts how many invocations overlap, and waits for the test.
#[derive(Clone)]
struct Slow {
    gate: Arc<Semaphore>,
    now: Arc<AtomicUsize>,
    overlapped: Arc<AtomicBool>,
    finished: Arc<AtomicUsize>,
}

impl Scheduled for Slow {
    async fn invoke(&self, _: Bytes) -> Result<(), String> {
        if self.now.fetch_add(1, Ordering::SeqCst) > 0 {
            self.overlapped.store(true, Ordering::SeqCst);
        }
        self.gate.acquire().await.unwrap().forget();
        self.now.fetch_sub(1, Ordering::SeqCst);
        self.finished.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[tokio::test]
async fn invocations_on_one_instance_never_overlap() {
    let nats = NatsServer::start().await;
    let nats = nats.connect().await;
    let slow = Slow {
        gate: Arc::new(Semaphore::new(0)),
        now: Arc::default(),
        overlapped: Arc::default(),
        finished: Arc::default(),
    };
    let (_ticker, _health) = start(&config("interval_ms", "20"), &nats, &slow);
    for round in 1..=5 {
        eventually("it is being invoked", async || {
            (slow.now.load(Ordering::SeqCst) > 0).then_some(())
        })
        .await;
        slow.gate.add_permits(1);
        eventually("it has finished", async || {
            (slow.finished.load(Ordering::SeqCst) == round).then_some(())
        })
        .await;
    }
    assert!(!slow.overlapped.load(Ordering::SeqCst));
}
