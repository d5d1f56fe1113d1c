//! Idempotency keys, by Stripe's rules.

use crate::common::{double, eventually, paying};
use reqwest::Method;
use serde_json::json;

const INTENTS: &str = "/v1/payment_intents";

#[tokio::test]
async fn the_same_request_with_the_same_key_gets_the_first_answer_again() {
    let (_double, stripe) = double().await;
    let first = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await;
    let again = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await;
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("original-request"), first.header("request-id"));
    let ledger = stripe.ledger().await;
    assert_eq!(ledger["captured_amount"], 1000);
    assert_eq!(ledger["charges"][0]["idempotency_key"], "k1");
}

#[tokio::test]
async fn a_decline_is_kept_too() {
    let (_double, stripe) = double().await;
    let first = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_chargeDeclined"), "k1")
        .await;
    let again = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_chargeDeclined"), "k1")
        .await;
    assert_eq!(first.error(402), again.clone().error(402));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(
        stripe.ledger().await["charges"].as_array().map(Vec::len),
        Some(1)
    );
}

#[tokio::test]
async fn a_key_with_other_parameters_is_an_error() {
    let (_double, stripe) = double().await;
    stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .ok();
    let error = stripe
        .post_keyed(INTENTS, &paying(1001, "pm_card_visa"), "k1")
        .await
        .error(400);
    assert_eq!(error["type"], "idempotency_error");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("same parameters")
    );
}

#[tokio::test]
async fn a_key_on_another_path_is_an_error() {
    let (_double, stripe) = double().await;
    let intent = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .ok();
    let form = format!("payment_intent={}", intent["id"].as_str().unwrap());
    let error = stripe
        .post_keyed("/v1/refunds", &form, "k1")
        .await
        .error(400);
    assert_eq!(error["type"], "idempotency_error");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("('/v1/refunds' vs '/v1/payment_intents')")
    );
}

#[tokio::test]
async fn a_key_in_use_is_a_conflict_while_the_first_request_runs() {
    let (_double, stripe) = double().await;
    stripe
        .control(
            Method::POST,
            "/faults",
            json!({ "path": INTENTS, "delay_ms": 1500, "times": 1 }),
        )
        .await;
    let first = tokio::spawn({
        let stripe = stripe.clone();
        async move {
            stripe
                .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
                .await
        }
    });
    eventually("the first request to run", || async {
        let faults = stripe.control(Method::GET, "/faults", json!(null)).await;
        (faults["faults"][0]["times"] == 0).then_some(())
    })
    .await;
    let error = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .error(409);
    assert_eq!(error["type"], "idempotency_error");
    assert_eq!(error["code"], "idempotency_key_in_use");
    first.await.unwrap().ok();
    let again = stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
}

#[tokio::test]
async fn a_request_refused_before_it_ran_leaves_the_key_free() {
    let (_double, stripe) = double().await;
    stripe
        .post_keyed(INTENTS, "amount=abc&currency=usd", "k1")
        .await
        .error(400);
    stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .ok();
}

#[tokio::test]
async fn a_refusal_by_the_endpoint_itself_is_kept() {
    let (_double, stripe) = double().await;
    let created = stripe
        .post(
            INTENTS,
            "amount=1000&currency=usd&payment_method_types[]=card",
        )
        .await
        .ok();
    let path = format!("{INTENTS}/{}", created["id"].as_str().unwrap());
    let confirm = format!("{path}/confirm");
    stripe.post_keyed(&confirm, "", "k1").await.error(400);
    stripe.post(&path, "payment_method=pm_card_visa").await.ok();
    let again = stripe.post_keyed(&confirm, "", "k1").await;
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.error(400)["code"], "payment_intent_unexpected_state");
}

#[tokio::test]
async fn an_expired_key_is_a_new_request() {
    let (_double, stripe) = double().await;
    stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .ok();
    stripe
        .control(Method::POST, "/idempotency_keys/expire", json!(null))
        .await;
    stripe
        .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
        .await
        .ok();
    assert_eq!(stripe.ledger().await["captured_amount"], 2000);
}

#[tokio::test]
async fn a_crowd_with_one_key_charges_once() {
    let (_double, stripe) = double().await;
    let mut crowd = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let stripe = stripe.clone();
        crowd.spawn(async move {
            stripe
                .post_keyed(INTENTS, &paying(1000, "pm_card_visa"), "k1")
                .await
        });
    }
    let statuses: Vec<u16> = crowd
        .join_all()
        .await
        .into_iter()
        .map(|answer| answer.status)
        .collect();
    assert!(statuses.contains(&200));
    assert!(
        statuses.iter().all(|status| [200, 409].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(stripe.ledger().await["captured_amount"], 1000);
}
