//! 3-D Secure: the buyer's detour to the bank.

use crate::common::{Caller, double, paying};
use serde_json::Value;

const RETURN_URL: &str = "http://shop.test/orders/1?tab=pay";

async fn asked(stripe: &Caller, method: &str) -> (Value, String) {
    let form = format!(
        "{}&return_url=http%3A%2F%2Fshop.test%2Forders%2F1%3Ftab%3Dpay",
        paying(1000, method)
    );
    let intent = stripe.post("/v1/payment_intents", &form).await.ok();
    assert_eq!(intent["status"], "requires_action");
    assert_eq!(intent["next_action"]["type"], "redirect_to_url");
    assert_eq!(
        intent["next_action"]["redirect_to_url"]["return_url"],
        RETURN_URL
    );
    let page = intent["next_action"]["redirect_to_url"]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    (intent, page)
}

async fn intent(stripe: &Caller, id: &Value) -> Value {
    stripe
        .get(&format!("/v1/payment_intents/{}", id.as_str().unwrap()))
        .await
        .ok()
}

#[tokio::test]
async fn a_buyer_who_authenticates_has_paid_and_comes_back() {
    let (_double, stripe) = double().await;
    for method in [
        "pm_card_threeDSecure2Required",
        "pm_card_authenticationRequired",
    ] {
        let (asked, page) = asked(&stripe, method).await;
        let html = stripe
            .http
            .get(&page)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(html.contains("$10.00") && html.contains("/accept") && html.contains("/fail"));

        let back = stripe
            .http
            .get(format!("{page}/accept"))
            .send()
            .await
            .unwrap();
        assert_eq!(back.status(), 303);
        let location = back.headers()["location"].to_str().unwrap();
        assert!(
            location.starts_with(&format!("{RETURN_URL}&payment_intent=")),
            "{location}"
        );
        assert!(
            location.ends_with("redirect_status=succeeded"),
            "{location}"
        );

        let paid = intent(&stripe, &asked["id"]).await;
        assert_eq!(paid["status"], "succeeded");
        assert!(paid["next_action"].is_null());
    }
}

#[tokio::test]
async fn a_buyer_who_fails_to_authenticate_can_try_another_card() {
    let (_double, stripe) = double().await;
    let (asked, page) = asked(&stripe, "pm_card_threeDSecure2Required").await;
    let back = stripe
        .http
        .get(format!("{page}/fail"))
        .send()
        .await
        .unwrap();
    assert!(
        back.headers()["location"]
            .to_str()
            .unwrap()
            .ends_with("redirect_status=failed")
    );
    let failed = intent(&stripe, &asked["id"]).await;
    assert_eq!(failed["status"], "requires_payment_method");
    assert_eq!(
        failed["last_payment_error"]["code"],
        "payment_intent_authentication_failure"
    );

    let path = format!(
        "/v1/payment_intents/{}/confirm",
        asked["id"].as_str().unwrap()
    );
    assert_eq!(
        stripe.post(&path, "payment_method=pm_card_visa").await.ok()["status"],
        "succeeded"
    );
}

#[tokio::test]
async fn authenticating_twice_charges_once() {
    let (_double, stripe) = double().await;
    let (_, page) = asked(&stripe, "pm_card_authenticationRequired").await;
    for _ in 0..2 {
        let back = stripe
            .http
            .get(format!("{page}/accept"))
            .send()
            .await
            .unwrap();
        assert!(
            back.headers()["location"]
                .to_str()
                .unwrap()
                .ends_with("redirect_status=succeeded")
        );
    }
    assert_eq!(stripe.ledger().await["captured_amount"], 1000);
}

#[tokio::test]
async fn a_card_can_authenticate_and_still_decline() {
    let (_double, stripe) = double().await;
    let (asked, page) = asked(&stripe, "pm_card_threeDSecureRequiredChargeDeclined").await;
    stripe
        .http
        .get(format!("{page}/accept"))
        .send()
        .await
        .unwrap();
    let declined = intent(&stripe, &asked["id"]).await;
    assert_eq!(declined["status"], "requires_payment_method");
    assert_eq!(declined["last_payment_error"]["code"], "card_declined");
}

#[tokio::test]
async fn without_a_way_back_authentication_is_left_to_the_page_itself() {
    let (_double, stripe) = double().await;
    let intent = stripe.pay(1000, "pm_card_threeDSecure2Required").await.ok();
    assert_eq!(intent["next_action"]["type"], "use_stripe_sdk");
}

#[tokio::test]
async fn a_server_that_cannot_send_buyers_to_the_bank_may_ask_for_a_decline() {
    let (_double, stripe) = double().await;
    let form = format!(
        "{}&error_on_requires_action=true",
        paying(1000, "pm_card_threeDSecure2Required")
    );
    let error = stripe.post("/v1/payment_intents", &form).await.error(402);
    assert_eq!(error["decline_code"], "authentication_required");
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
}

#[tokio::test]
async fn the_banks_page_is_nobody_elses() {
    let (_double, stripe) = double().await;
    let (asked, _) = asked(&stripe, "pm_card_threeDSecure2Required").await;
    let guess = format!(
        "{}/3ds/{}/guess/accept",
        stripe.url,
        asked["id"].as_str().unwrap()
    );
    assert_eq!(stripe.http.get(guess).send().await.unwrap().status(), 404);
    assert_eq!(
        intent(&stripe, &asked["id"]).await["status"],
        "requires_action"
    );
}
