//! The whole story, as a buyer and a seller live it.
use e2e::{Person, Shop};
use serde_json::{Value, json};
use uuid::Uuid;

crate::trials!(
    two_people_meet_and_a_ticket_changes_hands,
    one_ticket_is_cancelled_by_one_and_bought_by_another
);

async fn titles(visitor: &Person, word: &str) -> Vec<Value> {
    let found = visitor.get(&format!("/api/tickets?q={word}")).await.is(200);
    found
        .as_array()
        .into_iter()
        .flatten()
        .map(|ticket| ticket["title"].clone())
        .collect()
}

async fn two_people_meet_and_a_ticket_changes_hands(shop: Shop) {
    let (seller, buyer, visitor) = (shop.person().await, shop.person().await, shop.visitor());
    let title = format!("Concert {}", Uuid::new_v4().simple());
    let ticket = seller.sells(&title, 49.5).await;
    e2e::eventually("the ticket to be on sale", async || {
        (!titles(&visitor, &title).await.is_empty()).then_some(())
    })
    .await;
    let order = buyer.orders(&ticket).await;
    let payment = buyer.pays(&order, "pm_card_visa").await;
    assert!(payment["id"].is_string());
    let complete = buyer.sees_order(&order, "complete").await;
    assert_eq!(complete["ticket"]["title"], title);
    assert_eq!(seller.sees_reserved(&ticket).await["orderId"], order["id"]);
    e2e::eventually("the ticket to be off the list", async || {
        titles(&visitor, &title).await.is_empty().then_some(())
    })
    .await;
    let listed = buyer.get("/api/orders").await.is(200);
    assert_eq!(
        (&listed[0]["id"], &listed[0]["status"]),
        (&order["id"], &json!("complete"))
    );
}

async fn one_ticket_is_cancelled_by_one_and_bought_by_another(shop: Shop) {
    let (seller, first, second) = (
        shop.person().await,
        shop.person().await,
        shop.person().await,
    );
    let ticket = seller.sells("Concert", 49.5).await;
    let order = first.orders(&ticket).await;
    seller.sees_reserved(&ticket).await;
    first
        .delete(&format!(
            "/api/orders/{}",
            order["id"].as_str().unwrap_or_default()
        ))
        .await
        .is(204);
    seller.sees_free(&ticket).await;
    let order = second.orders(&ticket).await;
    second.pays(&order, "tok_visa").await;
    second.sees_order(&order, "complete").await;
    assert_eq!(seller.sees_reserved(&ticket).await["orderId"], order["id"]);
}
