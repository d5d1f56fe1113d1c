//! Refunds and disputes: money going back.

use crate::common::{Caller, double};
use reqwest::Method;
use serde_json::json;

async fn paid(stripe: &Caller, amount: u32) -> String {
    stripe.pay(amount, "pm_card_visa").await.ok()["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_refund_without_an_amount_gives_everything_back_once() {
    let (_double, stripe) = double().await;
    let intent = paid(&stripe, 2500).await;
    let form =
        format!("payment_intent={intent}&reason=requested_by_customer&metadata[order_id]=o1");
    let refund = stripe.post("/v1/refunds", &form).await.ok();
    assert_eq!(refund["amount"], 2500);
    assert_eq!(refund["status"], "succeeded");
    assert_eq!(refund["metadata"]["order_id"], "o1");
    let path = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
    assert_eq!(stripe.get(&path).await.ok(), refund);

    let error = stripe.post("/v1/refunds", &form).await.error(400);
    assert_eq!(error["code"], "charge_already_refunded");
    let charge = stripe
        .get(&format!(
            "/v1/charges/{}",
            refund["charge"].as_str().unwrap()
        ))
        .await
        .ok();
    assert_eq!(charge["refunded"], true);
    assert_eq!(charge["amount_refunded"], 2500);
}

#[tokio::test]
async fn partial_refunds_add_up_to_the_charge_and_no_further() {
    let (_double, stripe) = double().await;
    let intent = paid(&stripe, 2500).await;
    let over = stripe
        .post(
            "/v1/refunds",
            &format!("payment_intent={intent}&amount=2501"),
        )
        .await
        .error(400);
    assert_eq!(
        over["message"],
        "Refund amount ($25.01) is greater than charge amount ($25.00)"
    );
    stripe
        .post(
            "/v1/refunds",
            &format!("payment_intent={intent}&amount=1000"),
        )
        .await
        .ok();
    let over = stripe
        .post(
            "/v1/refunds",
            &format!("payment_intent={intent}&amount=1501"),
        )
        .await
        .error(400);
    assert_eq!(
        over["message"],
        "Refund amount ($15.01) is greater than unrefunded amount on charge ($15.00)"
    );
    let rest = stripe
        .post("/v1/refunds", &format!("payment_intent={intent}"))
        .await
        .ok();
    assert_eq!(rest["amount"], 1500);
    let list = stripe
        .get(&format!("/v1/refunds?payment_intent={intent}"))
        .await
        .ok();
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn what_was_never_captured_cannot_be_refunded() {
    let (_double, stripe) = double().await;
    let error = stripe.pay(1000, "pm_card_chargeDeclined").await.error(402);
    let form = format!(
        "payment_intent={}",
        error["payment_intent"]["id"].as_str().unwrap()
    );
    let error = stripe.post("/v1/refunds", &form).await.error(400);
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("does not have a successful charge to refund")
    );
    assert_eq!(
        stripe
            .post("/v1/refunds", "payment_intent=pi_none")
            .await
            .error(404)["code"],
        "resource_missing"
    );
}

#[tokio::test]
async fn a_refund_made_in_the_dashboard_counts_like_any_other() {
    let (_double, stripe) = double().await;
    let intent = paid(&stripe, 2500).await;
    let body = json!({ "payment_intent": intent, "amount": 500 });
    stripe
        .control(Method::POST, "/dashboard/refunds", body)
        .await;
    let rest = stripe
        .post("/v1/refunds", &format!("payment_intent={intent}"))
        .await
        .ok();
    assert_eq!(rest["amount"], 2000);
    let ledger = stripe.ledger().await;
    assert_eq!(ledger["refunds"][0]["source"], "dashboard");
    assert_eq!(ledger["refunds"][1]["source"], "api");
    assert_eq!(ledger["refunded_amount"], 2500);
}

#[tokio::test]
async fn a_disputed_charge_cannot_be_refunded() {
    let (_double, stripe) = double().await;
    let intent = paid(&stripe, 2500).await;
    let body = json!({ "payment_intent": intent, "reason": "product_not_received" });
    let dispute = stripe
        .control(Method::POST, "/dashboard/disputes", body)
        .await;
    assert_eq!(dispute["status"], "needs_response");
    let error = stripe
        .post("/v1/refunds", &format!("payment_intent={intent}"))
        .await
        .error(400);
    assert_eq!(error["code"], "charge_disputed");
    assert_eq!(stripe.ledger().await["charges"][0]["disputed"], true);
}

#[tokio::test]
async fn a_refund_of_nothing_or_less_is_refused() {
    let (_double, stripe) = double().await;
    let intent = paid(&stripe, 2500).await;
    for amount in ["0", "-100"] {
        let form = format!("payment_intent={intent}&amount={amount}");
        let error = stripe.post("/v1/refunds", &form).await.error(400);
        assert_eq!(error["param"], "amount");
    }
}
