//! POST /api/payments/webhook: what Stripe tells of its own accord.
use e2e::{Reply, Shop, WEBHOOK_SECRET, signature, unix_now};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

crate::trials!(
    an_event_that_stripe_signed_is_recorded,
    an_event_that_arrives_again_is_recorded_once,
    a_bad_signature_is_refused,
    an_old_signature_is_refused,
    a_signature_covers_every_byte,
    a_signed_body_that_makes_no_sense_is_not_a_server_error,
    stripe_may_sign_with_two_secrets,
);

const PATH: &str = "/api/payments/webhook";
/// Stripe's tolerance is five minutes.
const TOO_OLD: u64 = 301;

fn event() -> Value {
    json!({
        "id": format!("evt_{}", Uuid::new_v4().simple()), "object": "event", "api_version": "2025-01-27.acacia",
        "type": "payment_intent.succeeded", "created": unix_now(), "livemode": false,
        "data": { "object": { "id": format!("pi_{}", Uuid::new_v4().simple()), "object": "payment_intent",
            "amount": 1000, "amount_received": 1000, "currency": "usd", "status": "succeeded", "metadata": {} } },
    })
}

async fn deliver(shop: &Shop, body: &str, signature: &str) -> Reply {
    let request = shop
        .visitor()
        .request(Method::POST, PATH)
        .header("content-type", "application/json");
    shop.ask(
        request
            .header("stripe-signature", signature)
            .body(body.to_owned()),
    )
    .await
}

fn sign(body: &str) -> String {
    signature(WEBHOOK_SECRET, unix_now(), body.as_bytes())
}

async fn an_event_that_stripe_signed_is_recorded(shop: Shop) {
    let body = event().to_string();
    deliver(&shop, &body, &sign(&body)).await.is(200);
    let unknown = json!({ "id": "evt_of_another_kind", "object": "event", "type": "customer.created", "created": unix_now(), "data": { "object": {} } });
    deliver(&shop, &unknown.to_string(), &sign(&unknown.to_string()))
        .await
        .is(200);
}

async fn an_event_that_arrives_again_is_recorded_once(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
    ben.pays(&order, "pm_card_visa").await;
    let paid = shop
        .events()
        .event_with("payment:created", "orderId", &order["id"])
        .await;
    let mut again = event();
    again["data"]["object"]["id"] = paid["data"]["stripeId"].clone();
    let body = again.to_string();
    for _ in 0..3 {
        deliver(&shop, &body, &sign(&body)).await.is(200);
    }
    ben.sees_order(&order, "complete").await;
    shop.events().catch_up().await;
    let told = shop.events().seen().into_iter().filter(|published| {
        published.event["data"]["orderId"] == order["id"]
            && published.subject.starts_with("ticketing.payment.")
    });
    assert_eq!(told.count(), 1);
}

async fn a_bad_signature_is_refused(shop: Shop) {
    let body = event().to_string();
    let good = sign(&body);
    let digest = good.rsplit('=').next().unwrap_or_default();
    let now = unix_now();
    for bad in [
        String::new(),
        "x".to_owned(),
        "t=,v1=".to_owned(),
        format!("t={now}"),
        format!("v1={digest}"),
        format!("t={now},v0={digest}"),
        format!("t={now},v1={}", "0".repeat(64)),
        format!("t={now},v1={}", &digest[..62]),
        format!("t=soon,v1={digest}"),
        format!("t=-1,v1={digest}"),
        format!("t=99999999999999999999999,v1={digest}"),
        signature("another secret", now, body.as_bytes()),
        signature("", now, body.as_bytes()),
    ] {
        deliver(&shop, &body, &bad).await.refused_with(&[400]);
    }
    let request = shop
        .visitor()
        .request(Method::POST, PATH)
        .header("content-type", "application/json");
    shop.ask(request.body(body)).await.refused_with(&[400]);
}

async fn an_old_signature_is_refused(shop: Shop) {
    let body = event().to_string();
    for time in [unix_now() - TOO_OLD, 0, 1] {
        let old = signature(WEBHOOK_SECRET, time, body.as_bytes());
        deliver(&shop, &body, &old).await.refused_with(&[400]);
    }
}

async fn a_signature_covers_every_byte(shop: Shop) {
    let body = event().to_string();
    let signature = sign(&body);
    deliver(&shop, &format!("{body} "), &signature)
        .await
        .refused_with(&[400]);
    deliver(&shop, &body.replace("1000", "9000"), &signature)
        .await
        .refused_with(&[400]);
}

async fn a_signed_body_that_makes_no_sense_is_not_a_server_error(shop: Shop) {
    for body in [
        "",
        "null",
        "[]",
        "7",
        "{",
        "{}",
        r#"{"id":7}"#,
        r#"{"id":"evt_1","type":null}"#,
        r#"{"id":"evt_2","type":"payment_intent.succeeded","data":{}}"#,
        r#"{"id":"evt_3","type":"payment_intent.succeeded","data":{"object":{"id":7,"metadata":[]}}}"#,
        r#"{"id":"evt_\u0000","type":"payment_intent.succeeded","data":{"object":{"id":"pi_\u0000"}}}"#,
    ] {
        let reply = deliver(&shop, body, &sign(body)).await;
        assert!(
            matches!(reply.status.as_u16(), 200 | 400),
            "{body}: {} {}",
            reply.status,
            reply.text()
        );
    }
}

async fn stripe_may_sign_with_two_secrets(shop: Shop) {
    let body = event().to_string();
    let good = sign(&body);
    let (time, ours) = good.split_once(',').unwrap_or_default();
    // While a secret is being rolled, Stripe sends a signature with each.
    let header = format!("{time},v1={},{ours}", "0".repeat(64));
    deliver(&shop, &body, &header).await.is(200);
}
