//! The process: its one line, its journal over a kill, its end on SIGTERM.

use crate::common::{Caller, DEADLINE, Receiver, paying, start};
use reqwest::Method;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use stripe_double::Config;

/// A double in a process of its own, killed when dropped.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn spawn(data: &Path, webhook_url: &str) -> (Process, Caller) {
    let child = Command::new(env!("CARGO_BIN_EXE_stripe-double"))
        .args([
            "--webhook-url",
            webhook_url,
            "--webhook-retry-ms",
            "20",
            "--data",
        ])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut process = Process(child);
    let mut line = String::new();
    let stdout = process.0.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a line");
    let url = line
        .trim_end()
        .strip_prefix("stripe-double listening on ")
        .expect("the address");
    let caller = Caller::new(url);
    (process, caller)
}

#[tokio::test]
async fn a_killed_double_comes_back_with_its_ledger_its_keys_and_its_unsent_webhooks() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("stripe.journal");
    let nobody = "http://127.0.0.1:9/";

    let (first, stripe) = spawn(&data, nobody);
    let paid = stripe
        .post_keyed("/v1/payment_intents", &paying(1000, "pm_card_visa"), "k1")
        .await
        .ok();
    let form = format!("payment_intent={}&amount=400", paid["id"].as_str().unwrap());
    stripe.post_keyed("/v1/refunds", &form, "k2").await.ok();
    let ledger = stripe.ledger().await;
    drop(first);
    // What a crash in the middle of a write leaves.
    let mut torn = std::fs::OpenOptions::new()
        .append(true)
        .open(&data)
        .unwrap();
    torn.write_all(b"[{\"charge\":{\"id\":\"ch_").unwrap();
    drop(torn);

    let receiver = Receiver::new().await;
    let (second, stripe) = spawn(&data, &receiver.url());
    assert_eq!(stripe.ledger().await, ledger);
    let again = stripe
        .post_keyed("/v1/payment_intents", &paying(1000, "pm_card_visa"), "k1")
        .await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.ok(), paid);
    receiver.wait_for(3).await;
    for kind in [
        "payment_intent.succeeded",
        "charge.refunded",
        "refund.created",
    ] {
        assert!(receiver.types().iter().any(|seen| seen == kind), "{kind}");
    }
    // Still sound after the torn line.
    stripe.post_keyed("/v1/refunds", &form, "k3").await.ok();
    drop(second);
    let (_third, stripe) = spawn(&data, nobody);
    assert_eq!(stripe.ledger().await["refunded_amount"], 800);
}

#[tokio::test]
async fn what_was_delivered_is_not_delivered_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("stripe.journal");
    let receiver = Receiver::new().await;
    let (first, stripe) = spawn(&data, &receiver.url());
    stripe.pay(1000, "pm_card_visa").await.ok();
    crate::common::eventually("the delivery to settle", || async {
        let deliveries = stripe.control(Method::GET, "/webhooks", Value::Null).await;
        (deliveries["deliveries"][0]["state"] == "delivered").then_some(())
    })
    .await;
    drop(first);
    let (_second, stripe) = spawn(&data, &receiver.url());
    stripe.pay(2000, "pm_card_visa").await.ok();
    receiver.wait_for(2).await;
    let amounts: Vec<_> = receiver
        .webhooks()
        .iter()
        .map(|w| w.event["data"]["object"]["amount"].clone())
        .collect();
    assert_eq!(amounts, [1000, 2000]);
}

#[tokio::test]
async fn sigterm_ends_the_process_cleanly() {
    let folder = tempfile::tempdir().unwrap();
    let (mut process, stripe) = spawn(&folder.path().join("journal"), "http://127.0.0.1:9/");
    stripe.pay(1000, "pm_card_visa").await.ok();
    let id = process.0.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let started = std::time::Instant::now();
    let status = loop {
        if let Some(status) = process.0.try_wait().unwrap() {
            break status;
        }
        assert!(started.elapsed() < DEADLINE, "still running");
        tokio::task::yield_now().await;
    };
    assert!(status.success());
}

#[tokio::test]
async fn two_doubles_do_not_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("journal");
    let (_first, _) = spawn(&data, "http://127.0.0.1:9/");
    let second = Command::new(env!("CARGO_BIN_EXE_stripe-double"))
        .arg("--data")
        .arg(&data)
        .output()
        .unwrap();
    assert!(!second.status.success());
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another process"));
}

#[tokio::test]
async fn an_embedded_double_that_was_shut_down_starts_again_where_it_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config {
        data: Some(folder.path().join("journal")),
        ..Config::default()
    };
    let (first, stripe) = start(config.clone()).await;
    stripe.pay(1000, "pm_card_visa").await.ok();
    first.shutdown().await;
    let (_second, stripe) = start(config).await;
    assert_eq!(stripe.ledger().await["captured_amount"], 1000);
}
