//! What the double remembers of its callers.

use crate::common::{SECRET_KEY, double};
use reqwest::Method;
use serde_json::{Value, json};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn a_request_is_remembered_with_its_trace_until_a_reset() {
    let (_double, stripe) = double().await;
    let url = format!("{}/v1/payment_intents", stripe.url);
    let request = stripe.http.get(url).bearer_auth(SECRET_KEY);
    request.header("traceparent", TRACE).send().await.unwrap();

    let latest = || stripe.control(Method::GET, "/requests", Value::Null);
    let remembered = json!({ "method": "GET", "path": "/v1/payment_intents", "idempotency_key": null, "traceparent": TRACE });
    assert_eq!(latest().await, json!({ "requests": [remembered] }));
    stripe.control(Method::POST, "/reset", Value::Null).await;
    assert_eq!(latest().await, json!({ "requests": [] }));
}
