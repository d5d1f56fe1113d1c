//! Payment intents: the states they go through, and how cards end them.

use crate::common::{double, paying, start};
use stripe_double::Config;

#[tokio::test]
async fn a_good_card_succeeds_at_once_and_leaves_a_captured_charge() {
    let (_double, stripe) = double().await;
    let form = format!(
        "{}&metadata[order_id]=o1&description=two+tickets",
        paying(2500, "pm_card_visa")
    );
    let intent = stripe.post("/v1/payment_intents", &form).await.ok();
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["amount_received"], 2500);
    assert_eq!(intent["metadata"]["order_id"], "o1");
    assert_eq!(intent["description"], "two tickets");
    assert!(
        intent["payment_method"]
            .as_str()
            .unwrap()
            .starts_with("pm_")
    );

    let charge = stripe
        .get(&format!(
            "/v1/charges/{}",
            intent["latest_charge"].as_str().unwrap()
        ))
        .await
        .ok();
    assert_eq!(charge["status"], "succeeded");
    assert_eq!(charge["amount_captured"], 2500);
    assert_eq!(charge["payment_intent"], intent["id"]);
    assert_eq!(charge["metadata"]["order_id"], "o1");
}

#[tokio::test]
async fn each_declining_card_answers_402_with_its_own_code_and_message() {
    let (_double, stripe) = double().await;
    for (name, code, decline_code, message) in [
        (
            "chargeDeclined",
            "card_declined",
            "generic_decline",
            "Your card was declined.",
        ),
        (
            "chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            "Your card has insufficient funds.",
        ),
        (
            "chargeDeclinedExpiredCard",
            "expired_card",
            "",
            "Your card has expired.",
        ),
        (
            "chargeDeclinedIncorrectCvc",
            "incorrect_cvc",
            "",
            "Your card's security code is incorrect.",
        ),
        (
            "chargeDeclinedProcessingError",
            "processing_error",
            "",
            "An error occurred while processing your card. Try again in a little bit.",
        ),
    ] {
        for method in [format!("pm_card_{name}"), format!("pm_card_visa_{name}")] {
            let error = stripe.pay(2500, &method).await.error(402);
            assert_eq!(error["type"], "card_error");
            assert_eq!(error["code"], code);
            assert_eq!(
                error["decline_code"].as_str().unwrap_or_default(),
                decline_code
            );
            assert_eq!(error["message"], message);
        }
    }
}

#[tokio::test]
async fn a_decline_leaves_an_intent_that_another_card_can_pay() {
    let (_double, stripe) = double().await;
    let error = stripe.pay(2500, "pm_card_chargeDeclined").await.error(402);
    let intent = &error["payment_intent"];
    assert_eq!(intent["status"], "requires_payment_method");
    assert!(intent["payment_method"].is_null());
    assert_eq!(intent["last_payment_error"]["code"], "card_declined");
    assert_eq!(intent["last_payment_error"]["charge"], error["charge"]);
    assert_eq!(intent["latest_charge"], error["charge"]);

    let charge = stripe
        .get(&format!(
            "/v1/charges/{}",
            error["charge"].as_str().unwrap()
        ))
        .await
        .ok();
    assert_eq!(charge["status"], "failed");
    assert_eq!(charge["amount_captured"], 0);

    let path = format!(
        "/v1/payment_intents/{}/confirm",
        intent["id"].as_str().unwrap()
    );
    let paid = stripe.post(&path, "payment_method=pm_card_visa").await.ok();
    assert_eq!(paid["status"], "succeeded");
    assert!(paid["last_payment_error"].is_null());
}

#[tokio::test]
async fn an_intent_walks_from_creation_over_its_payment_method_to_confirmation() {
    let (_double, stripe) = double().await;
    let automatic =
        "automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never";
    let created = stripe
        .post(
            "/v1/payment_intents",
            &format!("amount=1000&currency=usd&{automatic}"),
        )
        .await
        .ok();
    assert_eq!(created["status"], "requires_payment_method");
    let path = format!("/v1/payment_intents/{}", created["id"].as_str().unwrap());

    let missing = stripe.post(&format!("{path}/confirm"), "").await.error(400);
    assert_eq!(missing["code"], "payment_intent_unexpected_state");

    let updated = stripe
        .post(
            &path,
            "amount=1200&payment_method=pm_card_mastercard&metadata[a]=1",
        )
        .await
        .ok();
    assert_eq!(updated["status"], "requires_confirmation");
    assert_eq!(updated["amount"], 1200);

    let paid = stripe.post(&format!("{path}/confirm"), "").await.ok();
    assert_eq!(paid["status"], "succeeded");
    assert_eq!(paid["amount_received"], 1200);
    assert_eq!(stripe.get(&path).await.ok(), paid);
}

#[tokio::test]
async fn a_succeeded_intent_can_be_neither_confirmed_nor_cancelled_nor_repriced() {
    let (_double, stripe) = double().await;
    let intent = stripe.pay(2500, "pm_card_visa").await.ok();
    let path = format!("/v1/payment_intents/{}", intent["id"].as_str().unwrap());
    for (action, form) in [
        ("/confirm", "payment_method=pm_card_visa"),
        ("/cancel", ""),
        ("", "amount=100"),
    ] {
        let error = stripe
            .post(&format!("{path}{action}"), form)
            .await
            .error(400);
        assert_eq!(error["code"], "payment_intent_unexpected_state", "{action}");
        assert_eq!(error["payment_intent"]["status"], "succeeded");
    }
    let updated = stripe.post(&path, "metadata[note]=kept").await.ok();
    assert_eq!(updated["metadata"]["note"], "kept");
}

#[tokio::test]
async fn a_cancelled_intent_takes_no_more_money() {
    let (_double, stripe) = double().await;
    let created = stripe
        .post("/v1/payment_intents", "amount=1000&currency=usd")
        .await
        .ok();
    let path = format!("/v1/payment_intents/{}", created["id"].as_str().unwrap());
    let canceled = stripe
        .post(&format!("{path}/cancel"), "cancellation_reason=abandoned")
        .await
        .ok();
    assert_eq!(canceled["status"], "canceled");
    assert_eq!(canceled["cancellation_reason"], "abandoned");
    let form = "payment_method=pm_card_visa&return_url=http://shop.test/";
    let error = stripe
        .post(&format!("{path}/confirm"), form)
        .await
        .error(400);
    assert_eq!(error["code"], "payment_intent_unexpected_state");
    assert_eq!(stripe.ledger().await["captured_amount"], 0);
}

#[tokio::test]
async fn confirming_with_redirects_allowed_needs_a_way_back() {
    let (_double, stripe) = double().await;
    let form = "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa";
    let error = stripe.post("/v1/payment_intents", form).await.error(400);
    assert!(error["message"].as_str().unwrap().contains("return_url"));
    let returning = format!("{form}&return_url=http://shop.test/");
    assert_eq!(
        stripe.post("/v1/payment_intents", &returning).await.ok()["status"],
        "succeeded"
    );
    let cards_only = format!("{form}&payment_method_types[]=card");
    assert_eq!(
        stripe.post("/v1/payment_intents", &cards_only).await.ok()["status"],
        "succeeded"
    );
}

#[tokio::test]
async fn an_account_of_an_older_version_takes_cards_without_a_way_back() {
    let config = Config {
        cards_only: true,
        ..Config::default()
    };
    let (_double, stripe) = start(config).await;
    let form = "amount=1000&currency=usd&confirm=true&payment_method=pm_card_visa";
    let intent = stripe.post("/v1/payment_intents", form).await.ok();
    assert_eq!(intent["status"], "succeeded");
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let (_double, stripe) = double().await;
    for (form, code, param) in [
        ("currency=usd", "parameter_missing", "amount"),
        ("amount=&currency=usd", "parameter_invalid_empty", "amount"),
        (
            "amount=1.5&currency=usd",
            "parameter_invalid_integer",
            "amount",
        ),
        ("amount=49&currency=usd", "amount_too_small", "amount"),
        (
            "amount=100000000&currency=usd",
            "amount_too_large",
            "amount",
        ),
        ("amount=100", "parameter_missing", "currency"),
        (
            "amount=100&currency=usd&colour=red",
            "parameter_unknown",
            "colour",
        ),
        (
            "amount=100&currency=usd&payment_method=pm_none",
            "resource_missing",
            "payment_method",
        ),
    ] {
        let error = stripe.post("/v1/payment_intents", form).await.error(400);
        assert_eq!(error["type"], "invalid_request_error", "{form}");
        assert_eq!(error["code"], code, "{form}");
        assert_eq!(error["param"], param, "{form}");
    }
}

#[tokio::test]
async fn intents_are_listed_newest_first_in_pages() {
    let (_double, stripe) = double().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, stripe.pay(1000, "pm_card_visa").await.ok()["id"].clone());
    }
    let page = stripe.get("/v1/payment_intents?limit=2").await.ok();
    assert_eq!(page["has_more"], true);
    assert_eq!(
        [&page["data"][0]["id"], &page["data"][1]["id"]],
        [&ids[0], &ids[1]]
    );
    let next = format!(
        "/v1/payment_intents?limit=2&starting_after={}",
        ids[1].as_str().unwrap()
    );
    let page = stripe.get(&next).await.ok();
    assert_eq!(page["has_more"], false);
    assert_eq!(page["data"][0]["id"], ids[2]);
}

#[tokio::test]
async fn an_intent_is_found_by_its_metadata_once_search_has_caught_up() {
    let (_double, stripe) = double().await;
    let form = format!("{}&metadata[order_id]=o1", paying(1000, "pm_card_visa"));
    let intent = stripe.post("/v1/payment_intents", &form).await.ok();
    stripe.pay(1000, "pm_card_visa").await.ok();
    let search = "/v1/payment_intents/search?query=metadata%5B%27order_id%27%5D%3A%27o1%27";
    let found = stripe.get(search).await.ok();
    assert_eq!(found["object"], "search_result");
    assert_eq!(found["data"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["data"][0]["id"], intent["id"]);

    stripe
        .control(
            reqwest::Method::PUT,
            "/search",
            serde_json::json!({ "lag_seconds": 60 }),
        )
        .await;
    assert_eq!(stripe.get(search).await.ok()["data"], serde_json::json!([]));
}

#[tokio::test]
async fn ids_in_an_answer_expand_to_objects_on_request() {
    let (_double, stripe) = double().await;
    let form = format!(
        "{}&expand[]=latest_charge&expand[]=payment_method",
        paying(1000, "pm_card_mastercard")
    );
    let intent = stripe.post("/v1/payment_intents", &form).await.ok();
    assert_eq!(intent["latest_charge"]["object"], "charge");
    assert_eq!(intent["payment_method"]["card"]["brand"], "mastercard");
}
