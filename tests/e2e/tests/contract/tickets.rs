//! One ticket: its life from POST to DELETE.
use e2e::{Person, Shop};
use serde_json::{Value, json};

crate::trials!(
    a_ticket_is_its_sellers_and_starts_free,
    what_the_seller_may_not_set_is_ignored,
    a_ticket_is_seen_by_everybody,
    the_seller_changes_title_and_price,
    nobody_else_changes_or_deletes_a_ticket,
    a_deleted_ticket_is_gone,
    a_reserved_ticket_is_neither_edited_nor_deleted,
    a_sold_ticket_is_neither_edited_nor_deleted,
    after_a_cancellation_the_seller_may_edit_again,
    a_ticket_that_never_was_is_not_found,
);

fn path(ticket: &Value) -> String {
    format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default())
}

async fn a_ticket_is_its_sellers_and_starts_free(shop: Shop) {
    let ada = shop.person().await;
    let ticket = ada.sells("Front row", 49.5).await;
    assert_eq!(ticket["userId"], ada.id);
    assert_eq!(
        (&ticket["title"], ticket["price"].as_f64()),
        (&json!("Front row"), Some(49.5))
    );
    assert_eq!(ticket.get("orderId"), None);
}

async fn what_the_seller_may_not_set_is_ignored(shop: Shop) {
    let (ada, eve) = (shop.person().await, shop.person().await);
    let draft = json!({
        "title": "Mine", "price": 1, "id": eve.id, "userId": eve.id, "orderId": eve.id, "version": 99, "__proto__": {},
    });
    let ticket = ada.post("/api/tickets", &draft).await.is(201);
    assert_eq!(ticket["userId"], ada.id);
    assert!(
        ticket["id"] != eve.id && ticket.get("orderId").is_none() && ticket["version"] != 99,
        "{ticket}"
    );
}

async fn a_ticket_is_seen_by_everybody(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    for person in [ada, ben, shop.visitor()] {
        assert_eq!(person.get(&path(&ticket)).await.is(200), ticket);
    }
}

async fn the_seller_changes_title_and_price(shop: Shop) {
    let ada = shop.person().await;
    let ticket = ada.sells("Front row", 49.5).await;
    let draft = json!({ "title": "Second row", "price": "40.25" });
    let changed = ada.put(&path(&ticket), &draft).await.is(200);
    assert_eq!(
        (&changed["title"], changed["price"].as_f64()),
        (&json!("Second row"), Some(40.25))
    );
    assert_eq!(
        (&changed["id"], &changed["userId"]),
        (&ticket["id"], &ticket["userId"])
    );
    assert!(
        changed["version"].as_u64() > ticket["version"].as_u64(),
        "{changed}"
    );
    shop.see(&path(&ticket), |reply| {
        (reply.json() == changed).then_some(())
    })
    .await;
}

async fn nobody_else_changes_or_deletes_a_ticket(shop: Shop) {
    let (ada, eve) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    eve.put(&path(&ticket), &json!({ "title": "Eve's", "price": 1 }))
        .await
        .is_not_authorized();
    eve.delete(&path(&ticket)).await.is_not_authorized();
    assert_eq!(ada.get(&path(&ticket)).await.is(200), ticket);
}

async fn a_deleted_ticket_is_gone(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let reply = ada.delete(&path(&ticket)).await;
    reply.is(204);
    assert!(reply.body.is_empty());
    shop.see(&path(&ticket), |reply| (reply.status == 404).then_some(()))
        .await;
    ada.delete(&path(&ticket)).await.refused_with(&[404]);
    ada.put(&path(&ticket), &json!({ "title": "Again", "price": 1 }))
        .await
        .refused_with(&[404]);
    shop.events().event("ticket:deleted", &ticket["id"]).await;
    e2e::eventually("an order for a deleted ticket to be refused", async || {
        (ben.tries_to_order(&ticket).await.status == 404).then_some(())
    })
    .await;
}

async fn a_reserved_ticket_is_neither_edited_nor_deleted(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    let reserved = ada.sees_reserved(&ticket).await;
    assert_eq!(reserved["orderId"], order["id"]);
    cannot_be_touched(&ada, &ticket).await;
}

async fn a_sold_ticket_is_neither_edited_nor_deleted(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    ben.pays(&order, "pm_card_visa").await;
    ben.sees_order(&order, "complete").await;
    ada.sees_reserved(&ticket).await;
    cannot_be_touched(&ada, &ticket).await;
}

async fn cannot_be_touched(seller: &Person, ticket: &Value) {
    let before = seller.get(&path(ticket)).await.is(200);
    let reply = seller
        .put(&path(ticket), &json!({ "title": "Dearer", "price": 99 }))
        .await;
    reply.refused(400, "Cannot edit a reserved ticket", None);
    let reply = seller.delete(&path(ticket)).await;
    reply.refused(400, "Cannot delete a reserved ticket", None);
    let now = seller.get(&path(ticket)).await.is(200);
    assert_eq!(
        (&now["title"], &now["price"]),
        (&before["title"], &before["price"])
    );
}

async fn after_a_cancellation_the_seller_may_edit_again(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    ada.sees_reserved(&ticket).await;
    ben.delete(&format!(
        "/api/orders/{}",
        order["id"].as_str().unwrap_or_default()
    ))
    .await
    .is(204);
    ada.sees_free(&ticket).await;
    ada.put(&path(&ticket), &json!({ "title": "Back row", "price": 9 }))
        .await
        .is(200);
    ada.delete(&path(&ticket)).await.is(204);
}

async fn a_ticket_that_never_was_is_not_found(shop: Shop) {
    let ada = shop.person().await;
    // A person's id is a UUID that no ticket has.
    let path = format!("/api/tickets/{}", ada.id);
    ada.get(&path).await.refused_with(&[404]);
    ada.put(&path, &json!({ "title": "A title", "price": 1 }))
        .await
        .refused_with(&[404]);
    ada.delete(&path).await.refused_with(&[404]);
}
