//! API keys, unknown addresses and wrong content types.

use crate::common::{Answer, Caller, SECRET_KEY, double};
use reqwest::RequestBuilder;
use serde_json::Value;

async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = serde_json::from_str(&response.text().await.expect("a body")).unwrap_or(Value::Null);
    Answer {
        status,
        headers,
        body,
    }
}

fn list(stripe: &Caller) -> RequestBuilder {
    stripe
        .http
        .get(format!("{}/v1/payment_intents", stripe.url))
}

#[tokio::test]
async fn the_secret_key_opens_as_bearer_and_as_basic_user() {
    let (_double, stripe) = double().await;
    send(list(&stripe).bearer_auth(SECRET_KEY)).await.ok();
    send(list(&stripe).basic_auth(SECRET_KEY, Some("")))
        .await
        .ok();
    send(list(&stripe).basic_auth(SECRET_KEY, None::<&str>))
        .await
        .ok();
}

#[tokio::test]
async fn no_key_and_a_wrong_key_are_401_in_stripes_shape() {
    let (_double, stripe) = double().await;
    let error = send(list(&stripe)).await.error(401);
    assert_eq!(error["type"], "invalid_request_error");
    let error = send(list(&stripe).bearer_auth("sk_test_wrongkey"))
        .await
        .error(401);
    assert_eq!(
        error["message"],
        "Invalid API Key provided: sk_test_****gkey"
    );
}

#[tokio::test]
async fn a_browser_with_the_publishable_key_makes_payment_methods_and_nothing_else() {
    let (_double, stripe) = double().await;
    let methods = stripe
        .http
        .post(format!("{}/v1/payment_methods", stripe.url))
        .bearer_auth("pk_test_double");
    let methods = methods.header("Content-Type", "application/x-www-form-urlencoded");
    let answer = send(methods.body("type=card&card[token]=tok_visa")).await;
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    answer.ok();
    let error = send(list(&stripe).bearer_auth("pk_test_double"))
        .await
        .error(403);
    assert_eq!(error["code"], "secret_key_required");
}

#[tokio::test]
async fn an_unknown_address_is_404_and_an_unknown_id_names_itself() {
    let (_double, stripe) = double().await;
    let error = stripe.get("/v1/nothing").await.error(404);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Unrecognized request URL (GET: /v1/nothing)")
    );
    let error = stripe.get("/v1/payment_intents/pi_none").await.error(404);
    assert_eq!(error["code"], "resource_missing");
    assert_eq!(error["message"], "No such payment_intent: 'pi_none'");
}

#[tokio::test]
async fn a_json_body_is_refused() {
    let (_double, stripe) = double().await;
    let request = stripe
        .http
        .post(format!("{}/v1/payment_intents", stripe.url))
        .bearer_auth(SECRET_KEY);
    let request = request
        .header("Content-Type", "application/json")
        .body(r#"{"amount":100}"#);
    let error = send(request).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("application/x-www-form-urlencoded")
    );
}
