//! The events that a deed is followed by, and what they say.
use e2e::{Person, Shop};
use serde_json::{Value, json};

crate::trials!(
    a_new_ticket_is_published,
    a_changed_ticket_is_published_with_a_newer_version,
    a_deleted_ticket_is_published,
    a_reservation_is_published_by_orders_and_by_tickets,
    a_cancellation_is_published_by_orders_and_by_tickets,
    a_payment_is_published_by_payments_and_by_orders,
    the_order_that_is_published_expires_when_the_buyer_was_told,
);

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap_or_default()
}

async fn sale(shop: &Shop) -> (Person, Person, Value) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    (ada, ben, ticket)
}

async fn a_new_ticket_is_published(shop: Shop) {
    let (_, _, ticket) = sale(&shop).await;
    assert_eq!(
        shop.events().event("ticket:created", &ticket["id"]).await["data"],
        ticket
    );
}

async fn a_changed_ticket_is_published_with_a_newer_version(shop: Shop) {
    let (ada, _, ticket) = sale(&shop).await;
    let draft = json!({ "title": "Second row", "price": 40.25 });
    let changed = ada
        .put(&format!("/api/tickets/{}", id(&ticket)), &draft)
        .await
        .is(200);
    assert_eq!(
        shop.events().event("ticket:updated", &ticket["id"]).await["data"],
        changed
    );
}

async fn a_deleted_ticket_is_published(shop: Shop) {
    let (ada, _, ticket) = sale(&shop).await;
    ada.delete(&format!("/api/tickets/{}", id(&ticket)))
        .await
        .is(204);
    let data = shop.events().event("ticket:deleted", &ticket["id"]).await["data"].clone();
    assert_eq!(
        (&data["id"], &data["title"]),
        (&ticket["id"], &ticket["title"])
    );
    assert!(
        data["version"].as_u64() > ticket["version"].as_u64(),
        "{data}"
    );
}

async fn a_reservation_is_published_by_orders_and_by_tickets(shop: Shop) {
    let (_, ben, ticket) = sale(&shop).await;
    let order = ben.orders(&ticket).await;
    let data = shop.events().event("order:created", &order["id"]).await["data"].clone();
    assert_eq!(
        (&data["id"], &data["version"], &data["status"]),
        (&order["id"], &order["version"], &json!("created"))
    );
    assert_eq!(
        (&data["userId"], &data["ticket"]),
        (
            &json!(ben.id),
            &json!({ "id": ticket["id"], "price": 49.5 })
        )
    );
    let updated = shop
        .events()
        .event_with("ticket:updated", "orderId", &order["id"])
        .await;
    assert_eq!(updated["data"]["id"], ticket["id"]);
}

async fn a_cancellation_is_published_by_orders_and_by_tickets(shop: Shop) {
    let (ada, ben, ticket) = sale(&shop).await;
    let order = ben.orders(&ticket).await;
    ada.sees_reserved(&ticket).await;
    ben.delete(&format!("/api/orders/{}", id(&order)))
        .await
        .is(204);
    let data = shop.events().event("order:cancelled", &order["id"]).await["data"].clone();
    assert_eq!(data["ticket"], json!({ "id": ticket["id"] }));
    assert!(
        data["version"].as_u64() > order["version"].as_u64(),
        "{data}"
    );
    let free = ada.sees_free(&ticket).await;
    e2e::eventually("the release to be published", async || {
        let all = shop.events().about("ticket:updated", &ticket["id"]);
        all.iter()
            .any(|published| published.event["data"] == free)
            .then_some(())
    })
    .await;
}

async fn a_payment_is_published_by_payments_and_by_orders(shop: Shop) {
    let (_, ben, ticket) = sale(&shop).await;
    let order = ben.orders(&ticket).await;
    let payment = ben.pays(&order, "pm_card_visa").await;
    let created = shop.events().event("payment:created", &payment["id"]).await;
    assert_eq!(created["data"]["orderId"], order["id"]);
    let stripe_id = created["data"]["stripeId"].as_str().unwrap_or_default();
    assert!(stripe_id.starts_with("pi_"), "{created}");
    let completed = shop.events().event("order:completed", &order["id"]).await;
    assert_eq!(completed["data"]["ticket"], json!({ "id": ticket["id"] }));
    assert!(
        completed["data"]["version"].as_u64() > order["version"].as_u64(),
        "{completed}"
    );
}

async fn the_order_that_is_published_expires_when_the_buyer_was_told(shop: Shop) {
    let (_, ben, ticket) = sale(&shop).await;
    let order = ben.orders(&ticket).await;
    let published = shop.events().event("order:created", &order["id"]).await;
    assert_eq!(published["data"]["expiresAt"], order["expiresAt"]);
    assert_eq!(ben.order(&order).await["expiresAt"], order["expiresAt"]);
}
