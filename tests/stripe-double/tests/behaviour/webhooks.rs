//! Webhooks: what is told, how it is signed, and that it arrives.

use crate::common::{Receiver, WEBHOOK_SECRET, double_telling, eventually, start, telling};
use reqwest::Method;
use serde_json::{Value, json};
use stripe_double::Config;

fn signed_at(signature: &str) -> i64 {
    let time = signature
        .strip_prefix("t=")
        .and_then(|rest| rest.split_once(','))
        .expect("t=…,v1=…")
        .0;
    time.parse().expect("seconds")
}

#[tokio::test]
async fn a_payment_is_told_signed_and_listed() {
    let receiver = Receiver::new().await;
    let (_double, stripe) = double_telling(&receiver).await;
    let intent = stripe.pay(1000, "pm_card_visa").await.ok();
    let webhook = receiver.wait_for_type("payment_intent.succeeded").await;
    let event = &webhook.event;
    assert!(event["id"].as_str().unwrap().starts_with("evt_"));
    assert_eq!(event["object"], "event");
    assert_eq!(event["livemode"], false);
    assert!(event["api_version"].is_string());
    assert_eq!(event["data"]["object"], intent);

    let time = signed_at(&webhook.signature);
    assert_eq!(
        webhook.signature,
        stripe_double::sign(WEBHOOK_SECRET, time, &webhook.payload)
    );

    let path = format!("/v1/events/{}", event["id"].as_str().unwrap());
    eventually("the acknowledgement to count", || async {
        (stripe.get(&path).await.ok()["pending_webhooks"] == 0).then_some(())
    })
    .await;
    let listed = stripe
        .get("/v1/events?type=payment_intent.succeeded")
        .await
        .ok();
    assert_eq!(listed["data"][0]["id"], event["id"]);
}

#[tokio::test]
async fn every_turn_of_a_payment_has_its_event() {
    let receiver = Receiver::new().await;
    let (_double, stripe) = double_telling(&receiver).await;
    stripe.pay(1000, "pm_card_chargeDeclined").await.error(402);
    receiver
        .wait_for_type("payment_intent.payment_failed")
        .await;

    let asked = stripe.pay(1000, "pm_card_threeDSecure2Required").await.ok();
    receiver
        .wait_for_type("payment_intent.requires_action")
        .await;
    let path = format!(
        "/v1/payment_intents/{}/cancel",
        asked["id"].as_str().unwrap()
    );
    stripe.post(&path, "").await.ok();
    receiver.wait_for_type("payment_intent.canceled").await;

    let paid = stripe.pay(1000, "pm_card_visa").await.ok();
    stripe
        .post(
            "/v1/refunds",
            &format!("payment_intent={}", paid["id"].as_str().unwrap()),
        )
        .await
        .ok();
    let refunded = receiver.wait_for_type("charge.refunded").await;
    assert_eq!(refunded.event["data"]["object"]["amount_refunded"], 1000);
    receiver.wait_for_type("refund.created").await;

    let paid = stripe.pay(1000, "pm_card_visa").await.ok();
    stripe
        .control(
            Method::POST,
            "/dashboard/disputes",
            json!({ "payment_intent": paid["id"] }),
        )
        .await;
    let disputed = receiver.wait_for_type("charge.dispute.created").await;
    assert_eq!(
        disputed.event["data"]["object"]["payment_intent"],
        paid["id"]
    );
}

#[tokio::test]
async fn a_refused_webhook_is_sent_again_until_it_is_acknowledged() {
    let receiver = Receiver::refusing(2).await;
    let (_double, stripe) = double_telling(&receiver).await;
    stripe.pay(1000, "pm_card_visa").await.ok();
    let webhooks = receiver.wait_for(3).await;
    assert!(
        webhooks
            .iter()
            .all(|webhook| webhook.event["id"] == webhooks[0].event["id"])
    );
    let settled = eventually("the delivery to settle", || async {
        let deliveries = stripe.control(Method::GET, "/webhooks", Value::Null).await;
        (deliveries["deliveries"][0]["state"] == "delivered")
            .then(|| deliveries["deliveries"][0].clone())
    })
    .await;
    assert_eq!(settled["attempts"], 3);
    assert_eq!(settled["last_result"], "200");
}

#[tokio::test]
async fn held_webhooks_come_when_released_in_the_order_asked_for() {
    let receiver = Receiver::new().await;
    let (_double, stripe) = double_telling(&receiver).await;
    stripe
        .control(Method::PUT, "/webhooks/policy", json!({ "hold": true }))
        .await;
    stripe.pay(1000, "pm_card_visa").await.ok();
    stripe.pay(1000, "pm_card_chargeDeclined").await.error(402);
    eventually("both to be held", || async {
        let deliveries = stripe.control(Method::GET, "/webhooks", Value::Null).await;
        let held = |delivery: &Value| delivery["held"] == true;
        (deliveries["deliveries"]
            .as_array()?
            .iter()
            .filter(|row| held(row))
            .count()
            == 2)
            .then_some(())
    })
    .await;
    assert!(receiver.webhooks().is_empty());
    stripe
        .control(
            Method::POST,
            "/webhooks/release",
            json!({ "order": "newest" }),
        )
        .await;
    receiver.wait_for(2).await;
    assert_eq!(
        receiver.types(),
        ["payment_intent.payment_failed", "payment_intent.succeeded"]
    );
}

#[tokio::test]
async fn webhooks_can_be_duplicated_dropped_and_resent() {
    let receiver = Receiver::new().await;
    let (_double, stripe) = double_telling(&receiver).await;
    stripe
        .control(Method::PUT, "/webhooks/policy", json!({ "duplicate": 2 }))
        .await;
    stripe.pay(1000, "pm_card_visa").await.ok();
    receiver.wait_for(3).await;

    stripe
        .control(Method::PUT, "/webhooks/policy", json!({ "drop": 1 }))
        .await;
    stripe.pay(1000, "pm_card_visa").await.ok();
    let event = eventually("the drop", || async {
        let deliveries = stripe.control(Method::GET, "/webhooks", Value::Null).await;
        let rows = deliveries["deliveries"].as_array()?.clone();
        rows.into_iter()
            .find(|row| row["state"] == "dropped")
            .map(|row| row["event"].clone())
    })
    .await;
    assert_eq!(receiver.webhooks().len(), 3);
    stripe
        .control(Method::POST, "/webhooks/resend", json!({ "event": event }))
        .await;
    let webhooks = receiver.wait_for(4).await;
    assert_eq!(webhooks[3].event["id"], event);
}

#[tokio::test]
async fn an_offset_clock_signs_as_if_it_were_another_time() {
    let receiver = Receiver::new().await;
    let (_double, stripe) = double_telling(&receiver).await;
    stripe
        .control(Method::PUT, "/clock", json!({ "offset_seconds": -3600 }))
        .await;
    let intent = stripe.pay(1000, "pm_card_visa").await.ok();
    let webhook = receiver.wait_for(1).await.remove(0);
    let age = intent["created"].as_i64().unwrap() - signed_at(&webhook.signature);
    assert!((3590..=3600).contains(&age), "{age}");
}

#[tokio::test]
async fn an_endpoint_added_later_is_told_what_it_asked_for() {
    let receiver = Receiver::new().await;
    let (_double, stripe) = crate::common::double().await;
    let endpoint = json!({ "url": receiver.url(), "secret": "whsec_other", "enabled_events": ["charge.refunded"] });
    stripe
        .control(Method::POST, "/webhook_endpoints", endpoint)
        .await;
    let paid = stripe.pay(1000, "pm_card_visa").await.ok();
    stripe
        .post(
            "/v1/refunds",
            &format!("payment_intent={}", paid["id"].as_str().unwrap()),
        )
        .await
        .ok();
    let webhook = receiver.wait_for(1).await.remove(0);
    assert_eq!(webhook.event["type"], "charge.refunded");
    let time = signed_at(&webhook.signature);
    assert_eq!(
        webhook.signature,
        stripe_double::sign("whsec_other", time, &webhook.payload)
    );
}

#[tokio::test]
async fn an_endpoint_of_the_configuration_is_told_what_it_names() {
    let receiver = Receiver::new().await;
    let config = Config {
        webhook_events: vec!["payment_intent.succeeded".to_owned()],
        ..telling(&receiver)
    };
    let (_double, stripe) = start(config).await;
    let paid = stripe.pay(1000, "pm_card_visa").await.ok();
    let webhook = receiver.wait_for(1).await.remove(0);
    assert_eq!(webhook.event["data"]["object"]["id"], paid["id"]);
    let ledger = stripe.control(Method::GET, "/webhooks", json!({})).await;
    assert_eq!(
        ledger["deliveries"].as_array().map(Vec::len),
        Some(1),
        "{ledger}"
    );
}
