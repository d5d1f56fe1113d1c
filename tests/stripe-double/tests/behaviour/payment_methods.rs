//! Payment methods and tokens: which card a request means.

use crate::common::double;

const AUTOMATIC: &str =
    "automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never";

fn paying_with(source: &str) -> String {
    format!("amount=1000&currency=usd&confirm=true&{AUTOMATIC}&{source}")
}

#[tokio::test]
async fn a_card_number_makes_a_payment_method_that_pays() {
    let (_double, stripe) = double().await;
    let card = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2040&card[cvc]=123";
    let method = stripe.post("/v1/payment_methods", card).await.ok();
    assert_eq!(method["card"]["last4"], "4242");
    let id = method["id"].as_str().unwrap();
    assert_eq!(
        stripe.get(&format!("/v1/payment_methods/{id}")).await.ok(),
        method
    );
    let intent = stripe
        .post(
            "/v1/payment_intents",
            &paying_with(&format!("payment_method={id}")),
        )
        .await
        .ok();
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["payment_method"], id);
}

#[tokio::test]
async fn a_payment_method_without_a_customer_pays_once() {
    let (_double, stripe) = double().await;
    let method = stripe
        .post("/v1/payment_methods", "type=card&card[token]=tok_visa")
        .await
        .ok();
    let form = paying_with(&format!(
        "payment_method={}",
        method["id"].as_str().unwrap()
    ));
    stripe.post("/v1/payment_intents", &form).await.ok();
    let error = stripe.post("/v1/payment_intents", &form).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("may not be used again")
    );
}

#[tokio::test]
async fn test_tokens_pay_through_payment_method_data() {
    let (_double, stripe) = double().await;
    let data = |token: &str| {
        paying_with(&format!(
            "payment_method_data[type]=card&payment_method_data[card][token]={token}"
        ))
    };
    for token in ["tok_visa", "tok_mastercard"] {
        assert_eq!(
            stripe.post("/v1/payment_intents", &data(token)).await.ok()["status"],
            "succeeded"
        );
    }
    for (token, code) in [
        ("tok_chargeDeclined", "generic_decline"),
        (
            "tok_visa_chargeDeclinedInsufficientFunds",
            "insufficient_funds",
        ),
    ] {
        let error = stripe
            .post("/v1/payment_intents", &data(token))
            .await
            .error(402);
        assert_eq!(error["decline_code"], code);
    }
    let secure = stripe
        .post("/v1/payment_intents", &data("tok_threeDSecure2Required"))
        .await
        .ok();
    assert_eq!(secure["status"], "requires_action");
    let error = stripe
        .post("/v1/payment_intents", &data("tok_none"))
        .await
        .error(400);
    assert_eq!(error["code"], "resource_missing");
}

#[tokio::test]
async fn a_token_made_from_a_card_is_good_for_one_use() {
    let (_double, stripe) = double().await;
    let card = "card[number]=4000000000009995&card[exp_month]=1&card[exp_year]=40";
    let token = stripe.post("/v1/tokens", card).await.ok();
    let data = format!(
        "payment_method_data[type]=card&payment_method_data[card][token]={}",
        token["id"].as_str().unwrap()
    );
    let error = stripe
        .post("/v1/payment_intents", &paying_with(&data))
        .await
        .error(402);
    assert_eq!(error["decline_code"], "insufficient_funds");
    let error = stripe
        .post("/v1/payment_intents", &paying_with(&data))
        .await
        .error(400);
    assert_eq!(error["code"], "token_already_used");
}

#[tokio::test]
async fn declining_numbers_decline_when_charged_not_when_typed_in() {
    let (_double, stripe) = double().await;
    let card = "type=card&card[number]=4000000000000002&card[exp_month]=12&card[exp_year]=2040";
    let method = stripe.post("/v1/payment_methods", card).await.ok();
    let form = paying_with(&format!(
        "payment_method={}",
        method["id"].as_str().unwrap()
    ));
    assert_eq!(
        stripe.post("/v1/payment_intents", &form).await.error(402)["code"],
        "card_declined"
    );
    let wrong = "type=card&card[number]=4242424242424241&card[exp_month]=12&card[exp_year]=2040";
    assert_eq!(
        stripe.post("/v1/payment_methods", wrong).await.error(402)["code"],
        "incorrect_number"
    );
}
