//! Faults: what a caller cannot know, and how the idempotency key tells it.

use crate::common::{Caller, double, eventually, paying};
use reqwest::Method;
use serde_json::{Value, json};

const INTENTS: &str = "/v1/payment_intents";

async fn fault(stripe: &Caller, fault: Value) {
    stripe.control(Method::POST, "/faults", fault).await;
}

async fn captured(stripe: &Caller) -> Value {
    stripe.ledger().await["captured_amount"].clone()
}

#[tokio::test]
async fn a_failure_before_the_effect_leaves_nothing_and_the_key_free() {
    let (_double, stripe) = double().await;
    fault(
        &stripe,
        json!({ "path": INTENTS, "method": "POST", "reply": 500, "times": 1 }),
    )
    .await;
    let error = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .error(500);
    assert_eq!(error["type"], "api_error");
    assert_eq!(captured(&stripe).await, 0);
    let retry = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await;
    assert_eq!(retry.header("idempotent-replayed"), None);
    retry.ok();
}

#[tokio::test]
async fn a_connection_dropped_after_the_effect_has_charged_and_a_retry_learns_of_it() {
    let (_double, stripe) = double().await;
    fault(
        &stripe,
        json!({ "path": "/v1/payment_intents*", "when": "after", "reply": "drop", "times": 1 }),
    )
    .await;
    assert!(
        stripe
            .try_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
            .await
            .is_err()
    );
    assert_eq!(captured(&stripe).await, 1000);
    let retry = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await;
    assert_eq!(retry.header("idempotent-replayed"), Some("true"));
    assert_eq!(retry.ok()["status"], "succeeded");
    assert_eq!(captured(&stripe).await, 1000);
}

#[tokio::test]
async fn a_connection_dropped_before_the_effect_has_charged_nothing() {
    let (_double, stripe) = double().await;
    fault(
        &stripe,
        json!({ "path": INTENTS, "reply": "drop", "times": 2 }),
    )
    .await;
    for _ in 0..2 {
        assert!(
            stripe
                .try_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
                .await
                .is_err()
        );
    }
    assert_eq!(captured(&stripe).await, 0);
    stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .ok();
}

#[tokio::test]
async fn a_stored_500_after_the_effect_is_all_that_the_key_ever_says() {
    let (_double, stripe) = double().await;
    fault(
        &stripe,
        json!({ "path": INTENTS, "when": "after", "reply": 500, "stored": true, "times": 1 }),
    )
    .await;
    let form = format!("{}&metadata[order_id]=o1", paying(1000, "pm_card_visa"));
    stripe.post_keyed(INTENTS, &form, "k1").await.error(500);
    let retry = stripe.post_keyed(INTENTS, &form, "k1").await;
    assert_eq!(retry.header("idempotent-replayed"), Some("true"));
    retry.error(500);
    let found = stripe
        .get(&format!(
            "{INTENTS}/search?query=metadata%5B%22order_id%22%5D%3A%22o1%22"
        ))
        .await
        .ok();
    assert_eq!(found["data"][0]["status"], "succeeded");
}

#[tokio::test]
async fn a_caller_that_hangs_up_is_charged_all_the_same() {
    let (_double, stripe) = double().await;
    fault(
        &stripe,
        json!({ "path": INTENTS, "delay_ms": 200, "times": 1 }),
    )
    .await;
    let impatient = tokio::spawn({
        let stripe = stripe.clone();
        async move { stripe.post(INTENTS, &paying(1000, "pm_card_visa")).await }
    });
    eventually("the request to run", || async {
        let faults = stripe.control(Method::GET, "/faults", json!(null)).await;
        (faults["faults"][0]["times"] == 0).then_some(())
    })
    .await;
    impatient.abort();
    eventually("the charge", || async {
        (captured(&stripe).await == 1000).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_fault_lasts_until_it_is_cleared() {
    let (_double, stripe) = double().await;
    fault(&stripe, json!({ "path": "/v1/*", "reply": 429 })).await;
    for _ in 0..3 {
        assert_eq!(stripe.get(INTENTS).await.error(429)["code"], "rate_limit");
    }
    stripe.control(Method::DELETE, "/faults", json!(null)).await;
    stripe.get(INTENTS).await.ok();
}

#[tokio::test]
async fn reset_forgets_money_keys_and_faults() {
    let (_double, stripe) = double().await;
    stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .ok();
    fault(&stripe, json!({ "path": "/v1/*", "reply": 500 })).await;
    stripe.control(Method::POST, "/reset", json!(null)).await;
    let ledger = stripe.ledger().await;
    assert_eq!(
        ledger,
        json!({ "charges": [], "refunds": [], "captured_amount": 0, "refunded_amount": 0 })
    );
    let fresh = stripe
        .post_keyed(INTENTS, &paying(2000, "pm_card_visa"), "k1")
        .await
        .ok();
    assert_eq!(fresh["amount"], 2000);
}
