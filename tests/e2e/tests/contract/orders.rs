//! One order: reserving a ticket, looking at the order, cancelling it.
use e2e::{Shop, unix_now};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

crate::trials!(
    an_order_reserves_a_ticket_for_a_while,
    the_price_is_the_one_at_the_time_of_the_order,
    a_reserved_ticket_is_not_ordered_again,
    a_ticket_id_must_be_given,
    a_ticket_that_never_was_cannot_be_ordered,
    an_order_is_seen_by_its_buyer_only,
    an_order_that_never_was_is_not_found,
    a_cancelled_order_puts_its_ticket_on_sale_again,
    nobody_else_cancels_an_order,
    a_paid_order_cannot_be_cancelled,
    cancelling_twice_changes_nothing,
);

fn path(order: &Value) -> String {
    format!("/api/orders/{}", order["id"].as_str().unwrap_or_default())
}

async fn an_order_reserves_a_ticket_for_a_while(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    assert_eq!(order["userId"], ben.id);
    assert_eq!(order["status"], "created");
    assert_eq!(
        order["ticket"],
        json!({ "id": ticket["id"], "title": "Front row", "price": 49.5 })
    );
    let expires = OffsetDateTime::parse(order["expiresAt"].as_str().unwrap_or_default(), &Rfc3339);
    let left = expires.expect("an RFC 3339 time").unix_timestamp()
        - i64::try_from(unix_now()).unwrap_or_default();
    assert!((1..=900).contains(&left), "{left} seconds left");
    assert_eq!(ada.sees_reserved(&ticket).await["orderId"], order["id"]);
}

async fn the_price_is_the_one_at_the_time_of_the_order(shop: Shop) {
    let (ada, ben, cleo) = (
        shop.person().await,
        shop.person().await,
        shop.person().await,
    );
    let ticket = ada.sells("Front row", 49.5).await;
    let first = ben.orders(&ticket).await;
    ada.sees_reserved(&ticket).await;
    ben.delete(&path(&first)).await.is(204);
    ada.sees_free(&ticket).await;
    let ticket_path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
    ada.put(&ticket_path, &json!({ "title": "Dearer", "price": 60 }))
        .await
        .is(200);
    shop.events()
        .event_with("ticket:updated", "title", &json!("Dearer"))
        .await;
    let second = e2e::eventually("an order at the new price", async || {
        let order = cleo.orders(&ticket).await;
        if order["ticket"]["price"].as_f64() == Some(60.0) {
            return Some(order);
        }
        cleo.delete(&path(&order)).await.is(204);
        None
    })
    .await;
    assert_eq!(second["ticket"]["title"], "Dearer");
    assert_eq!(
        ben.order(&first).await["ticket"]["price"].as_f64(),
        Some(49.5)
    );
}

async fn a_reserved_ticket_is_not_ordered_again(shop: Shop) {
    let (ada, ben, cleo) = (
        shop.person().await,
        shop.person().await,
        shop.person().await,
    );
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    for person in [&cleo, &ben] {
        person
            .tries_to_order(&ticket)
            .await
            .refused(400, "Ticket is already reserved", None);
    }
    ben.pays(&order, "pm_card_visa").await;
    ben.sees_order(&order, "complete").await;
    cleo.tries_to_order(&ticket)
        .await
        .refused(400, "Ticket is already reserved", None);
}

async fn a_ticket_id_must_be_given(shop: Shop) {
    let ben = shop.person().await;
    for body in [
        json!({}),
        json!({ "ticketId": null }),
        json!({ "ticketId": "" }),
        json!({ "ticketId": 7 }),
        json!({ "ticketId": [] }),
        json!({ "ticketId": {} }),
        json!({ "ticketid": ben.id }),
    ] {
        let reply = ben.post("/api/orders", &body).await;
        reply.refused(400, "TicketId must be provided", Some("ticketId"));
    }
}

async fn a_ticket_that_never_was_cannot_be_ordered(shop: Shop) {
    let ben = shop.person().await;
    ben.post("/api/orders", &json!({ "ticketId": ben.id }))
        .await
        .refused_with(&[404]);
}

async fn an_order_is_seen_by_its_buyer_only(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    assert_eq!(ben.get(&path(&order)).await.is(200)["id"], order["id"]);
    ada.get(&path(&order)).await.is_not_authorized();
}

async fn an_order_that_never_was_is_not_found(shop: Shop) {
    let ben = shop.person().await;
    let path = format!("/api/orders/{}", ben.id);
    ben.get(&path).await.refused_with(&[404]);
    ben.delete(&path).await.refused_with(&[404]);
}

async fn a_cancelled_order_puts_its_ticket_on_sale_again(shop: Shop) {
    let (ada, ben, cleo) = (
        shop.person().await,
        shop.person().await,
        shop.person().await,
    );
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    let reply = ben.delete(&path(&order)).await;
    reply.is(204);
    assert!(reply.body.is_empty());
    let cancelled = ben.order(&order).await;
    assert_eq!(cancelled["status"], "cancelled");
    assert!(cancelled["version"].as_u64() > order["version"].as_u64());
    ada.sees_free(&ticket).await;
    assert_eq!(cleo.orders(&ticket).await["ticket"]["id"], ticket["id"]);
}

async fn nobody_else_cancels_an_order(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    ada.delete(&path(&order)).await.is_not_authorized();
    assert_eq!(ben.order(&order).await["status"], "created");
}

async fn a_paid_order_cannot_be_cancelled(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    ben.pays(&order, "pm_card_visa").await;
    ben.sees_order(&order, "complete").await;
    ben.delete(&path(&order)).await.refused_with(&[400]);
    assert_eq!(ben.order(&order).await["status"], "complete");
}

async fn cancelling_twice_changes_nothing(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    ben.delete(&path(&order)).await.is(204);
    let cancelled = ben.order(&order).await;
    let again = ben.delete(&path(&order)).await;
    assert!(
        matches!(again.status.as_u16(), 204 | 400),
        "{} {}",
        again.status,
        again.text()
    );
    assert_eq!(ben.order(&order).await, cancelled);
    shop.events().event("order:cancelled", &order["id"]).await;
    shop.events().catch_up().await;
    assert_eq!(
        shop.events().about("order:cancelled", &order["id"]).len(),
        1
    );
}
