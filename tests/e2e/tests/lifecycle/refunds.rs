//! Money that arrives for an order that is gone.
use e2e::{Person, Schemas, Shop};
use serde_json::{Value, json};

use crate::World;

e2e::trials!(
    a_payment_that_loses_against_a_cancellation_is_refunded_once,
    a_payment_that_loses_against_the_clock_and_another_buyer_is_refunded_once,
    a_payment_that_comes_late_for_a_ticket_that_is_still_free_completes_the_order,
    an_answer_of_stripes_that_is_lost_is_found_again,
);

const INTENTS: &str = "/v1/payment_intents*";

/// A buyer with an order that has just begun, and that the payment service has heard of: it declines a card for it.
async fn reserved(shop: &Shop, price: f64) -> (Person, Value) {
    let (seller, buyer) = (shop.person().await, shop.person().await);
    e2e::eventually(
        "a card to be declined before the order runs out",
        async || {
            let order = buyer.orders(&seller.sells("Contested", price).await).await;
            let reply = buyer.tries_to_pay(&order, "tok_chargeDeclined").await;
            (reply.status == 402).then_some((buyer.clone(), order))
        },
    )
    .await
}

/// The money of `order` was taken once and given back once, and said so.
async fn is_refunded_once(shop: &Shop, order: &Value) {
    let event = shop
        .events()
        .event_with("payment:refunded", "orderId", &order["id"])
        .await;
    let schemas = Schemas::read().expect("the schemas of the repository");
    assert_eq!(schemas.faults(&event), [""; 0], "{event}");
    let intent = &event["data"]["stripeId"];
    shop.double().is_refunded(intent).await;
    assert_eq!(shop.double().refunds(intent).await.len(), 1);
    shop.events().catch_up().await;
    let told = shop.events().seen().into_iter().filter(|published| {
        published.event["type"] == "payment:refunded"
            && published.event["data"]["orderId"] == order["id"]
    });
    assert_eq!(told.count(), 1);
}

async fn a_payment_that_loses_against_a_cancellation_is_refunded_once(world: World) {
    let shop = world.shop().await;
    let (buyer, order) = reserved(&shop, 71.01).await;
    let slow = shop
        .double()
        .next_goes_wrong(
            "POST",
            INTENTS,
            &json!({ "when": "before", "delay_ms": 2500 }),
        )
        .await;
    let path = format!("/api/orders/{}", order["id"].as_str().unwrap_or_default());
    let (paid, ()) = futures::join!(buyer.tries_to_pay(&order, "pm_card_visa"), async {
        shop.double().has_gone_wrong(slow).await;
        buyer.delete(&path).await.is(204);
    });
    assert!(
        matches!(paid.status.as_u16(), 201 | 400 | 402 | 503),
        "{} {}",
        paid.status,
        paid.text()
    );
    is_refunded_once(&shop, &order).await;
    assert_eq!(buyer.order(&order).await["status"], "cancelled");
}

/// Pays so slowly that `order` runs out before the money is taken.
async fn pays_too_late(shop: &Shop, buyer: &Person, order: &Value) {
    shop.double()
        .next_goes_wrong(
            "POST",
            INTENTS,
            &json!({ "when": "before", "delay_ms": 8000 }),
        )
        .await;
    let paid = buyer.tries_to_pay(order, "pm_card_visa").await;
    assert!(
        matches!(paid.status.as_u16(), 201 | 400 | 402 | 503),
        "{} {}",
        paid.status,
        paid.text()
    );
}

async fn a_payment_that_loses_against_the_clock_and_another_buyer_is_refunded_once(world: World) {
    let shop = world.shop().await;
    let (buyer, order) = reserved(&shop, 71.02).await;
    let other = shop.person().await;
    let wanted = json!({ "ticketId": order["ticket"]["id"] });
    let ((), _) = futures::join!(
        pays_too_late(&shop, &buyer, &order),
        e2e::eventually("the ticket to be free", async || {
            (other.post("/api/orders", &wanted).await.status == 201).then_some(())
        })
    );
    is_refunded_once(&shop, &order).await;
    assert_eq!(buyer.order(&order).await["status"], "cancelled");
}

async fn a_payment_that_comes_late_for_a_ticket_that_is_still_free_completes_the_order(
    world: World,
) {
    let shop = world.shop().await;
    let (buyer, order) = reserved(&shop, 71.04).await;
    pays_too_late(&shop, &buyer, &order).await;
    buyer.sees_order(&order, "complete").await;
    assert_eq!(shop.double().succeeded_with_amount(7104).await.len(), 1);
}

async fn an_answer_of_stripes_that_is_lost_is_found_again(world: World) {
    let shop = world.shop().await;
    let (buyer, order) = reserved(&shop, 71.03).await;
    shop.double()
        .next_goes_wrong(
            "POST",
            INTENTS,
            &json!({ "when": "after", "reply": "drop" }),
        )
        .await;
    let paid = buyer.tries_to_pay(&order, "pm_card_visa").await;
    assert!(
        matches!(paid.status.as_u16(), 201 | 400 | 503),
        "{} {}",
        paid.status,
        paid.text()
    );
    // The money was taken: sooner or later the order is complete, or the money is back.
    let charged = e2e::eventually("the charge to be in the ledger", async || {
        shop.double()
            .succeeded_with_amount(7103)
            .await
            .into_iter()
            .next()
    })
    .await;
    e2e::eventually(
        "the order to be complete, or its money to be given back",
        async || {
            let complete = buyer.order(&order).await["status"] == "complete";
            let refunded = !shop
                .double()
                .refunds(&charged["payment_intent"])
                .await
                .is_empty();
            assert!(!(complete && refunded), "a ticket for nothing");
            (complete || refunded).then_some(())
        },
    )
    .await;
    assert_eq!(shop.double().succeeded_with_amount(7103).await.len(), 1);
}
