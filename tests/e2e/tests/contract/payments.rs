//! POST /api/payments: paying an order with a card that works.
use e2e::Shop;
use serde_json::{Value, json};

crate::trials!(
    a_payment_completes_the_order,
    a_card_token_pays_as_well_as_a_payment_method,
    what_is_charged_is_the_price_in_cents,
    nobody_else_pays_an_order,
    an_order_that_never_was_cannot_be_paid,
    a_cancelled_order_cannot_be_paid,
    a_paid_order_is_not_paid_again,
    a_double_click_charges_once,
    a_payment_without_an_order_or_a_card_is_refused,
);

fn pay(order: &Value, token: impl Into<Value>) -> Value {
    json!({ "orderId": order["id"], "token": token.into() })
}

async fn a_payment_completes_the_order(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
    let payment = ben.pays(&order, "pm_card_visa").await;
    let created = shop
        .events()
        .event_with("payment:created", "orderId", &order["id"])
        .await;
    assert_eq!(created["data"]["id"], payment["id"]);
    let complete = ben.sees_order(&order, "complete").await;
    assert!(complete["version"].as_u64() > order["version"].as_u64());
    assert_eq!(complete["ticket"], order["ticket"]);
}

async fn a_card_token_pays_as_well_as_a_payment_method(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    for token in ["tok_visa", "tok_mastercard", "pm_card_mastercard"] {
        let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
        ben.pays(&order, token).await;
        ben.sees_order(&order, "complete").await;
    }
}

async fn what_is_charged_is_the_price_in_cents(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    for (price, cents) in [
        (0.5, 50),
        (19.99, 1_999),
        (1025.12, 102_512),
        (999_999.99, 99_999_999),
    ] {
        let order = ben.orders(&ada.sells("Front row", price).await).await;
        ben.pays(&order, "pm_card_visa").await;
        let created = shop
            .events()
            .event_with("payment:created", "orderId", &order["id"])
            .await;
        let charges = shop.double().charges(&created["data"]["stripeId"]).await;
        assert_eq!(charges.len(), 1, "{charges:?}");
        assert_eq!(
            (&charges[0]["amount"], &charges[0]["currency"]),
            (&json!(cents), &json!("usd"))
        );
    }
}

async fn nobody_else_pays_an_order(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
    ada.tries_to_pay(&order, "pm_card_visa")
        .await
        .is_not_authorized();
    assert_eq!(ben.order(&order).await["status"], "created");
}

async fn an_order_that_never_was_cannot_be_paid(shop: Shop) {
    let ben = shop.person().await;
    ben.post(
        "/api/payments",
        &pay(&json!({ "id": ben.id }), "pm_card_visa"),
    )
    .await
    .refused_with(&[404]);
}

async fn a_cancelled_order_cannot_be_paid(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
    // Let the payment service hear of it first: a bad card is refused only for a known order.
    ben.tries_to_pay(&order, "tok_chargeDeclined").await.is(402);
    ben.delete(&format!(
        "/api/orders/{}",
        order["id"].as_str().unwrap_or_default()
    ))
    .await
    .is(204);
    e2e::eventually(
        "the payment service to hear of the cancellation",
        async || {
            let reply = ben
                .post("/api/payments", &pay(&order, "tok_chargeDeclined"))
                .await;
            (reply.status == 400)
                .then(|| reply.refused(400, "Cannot pay for a cancelled order", None))
        },
    )
    .await;
    let reply = ben
        .post("/api/payments", &pay(&order, "pm_card_visa"))
        .await;
    reply.refused(400, "Cannot pay for a cancelled order", None);
}

async fn a_paid_order_is_not_paid_again(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
    ben.pays(&order, "pm_card_visa").await;
    for token in ["pm_card_visa", "tok_mastercard", "tok_chargeDeclined"] {
        let reply = ben.post("/api/payments", &pay(&order, token)).await;
        reply.refused(400, "Order is already paid", None);
    }
    let created = shop
        .events()
        .event_with("payment:created", "orderId", &order["id"])
        .await;
    assert_eq!(
        shop.double()
            .charges(&created["data"]["stripeId"])
            .await
            .len(),
        1
    );
}

async fn a_double_click_charges_once(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    // A price that nothing else in the suite has, to find every charge of this order by.
    let ticket = ada.sells("Front row", 4711.23).await;
    let order = ben.orders(&ticket).await;
    // Not a try that decides anything: until the payment service knows the order.
    ben.tries_to_pay(&order, "tok_chargeDeclined").await.is(402);
    let body = pay(&order, "pm_card_visa");
    let clicks = futures::future::join_all((0..5).map(|_| ben.post("/api/payments", &body))).await;
    let paid = clicks.iter().filter(|reply| reply.status == 201).count();
    assert!(paid >= 1, "nobody was told that it is paid: {clicks:?}");
    let ids: Vec<_> = clicks
        .iter()
        .filter(|reply| reply.status == 201)
        .map(|reply| reply.json()["id"].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "two payments: {ids:?}");
    ben.sees_order(&order, "complete").await;
    let charges = shop.double().succeeded_with_amount(471_123).await;
    assert_eq!(charges.len(), 1, "{charges:?}");
    shop.events().catch_up().await;
    let told = shop.events().seen().into_iter().filter(|published| {
        published.event["type"] == "payment:created"
            && published.event["data"]["orderId"] == order["id"]
    });
    assert_eq!(told.count(), 1);
}

async fn a_payment_without_an_order_or_a_card_is_refused(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let order = ben.orders(&ada.sells("Front row", 49.5).await).await;
    for token in [
        json!(null),
        json!(""),
        json!(" "),
        json!(7),
        json!([]),
        json!({}),
        json!("visa"),
        json!("pi_123"),
        json!("pm_"),
        json!("../refunds"),
        json!("pm_card_visa\r\nx: y"),
        json!("pm_\u{0}"),
        json!("tok_".repeat(500)),
    ] {
        let reply = ben.post("/api/payments", &pay(&order, token)).await;
        assert!(
            matches!(reply.status.as_u16(), 400 | 402 | 404),
            "{} {}",
            reply.status,
            reply.text()
        );
    }
    for body in [
        json!({}),
        json!({ "token": "pm_card_visa" }),
        json!({ "orderId": null, "token": "pm_card_visa" }),
        json!({ "orderId": 7, "token": "pm_card_visa" }),
    ] {
        let reply = ben.post("/api/payments", &body).await;
        reply.is(400);
        assert!(
            reply
                .errors()
                .iter()
                .any(|error| error["field"] == "orderId"),
            "{}",
            reply.text()
        );
    }
    let reply = ben
        .post("/api/payments", &json!({ "orderId": order["id"] }))
        .await;
    reply.is(400);
    assert!(
        reply.errors().iter().any(|error| error["field"] == "token"),
        "{}",
        reply.text()
    );
    assert_eq!(ben.order(&order).await["status"], "created");
}
