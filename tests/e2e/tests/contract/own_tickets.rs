//! GET /api/tickets?seller=me: what one sells and has sold, with what became of it.
use e2e::{Person, Shop, eventually};
use serde_json::{Value, json};

crate::trials!(
    sellers_see_their_own_tickets_newest_first_with_what_became_of_them,
    a_deleted_ticket_is_gone_from_the_list,
    own_tickets_come_in_pages,
    who_is_not_signed_in_has_no_tickets,
    nobody_lists_the_tickets_of_somebody_else,
);

const OWN: &str = "/api/tickets?seller=me";

/// Title and state of each of one's own tickets.
async fn states(seller: &Person) -> Vec<(Value, Value)> {
    let listed = seller.get(OWN).await.is(200);
    let tickets = listed.as_array().into_iter().flatten();
    tickets
        .map(|ticket| (ticket["title"].clone(), ticket["state"].clone()))
        .collect()
}

async fn sellers_see_their_own_tickets_newest_first_with_what_became_of_them(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let first = ada.sells("First", 1.0).await;
    let second = ada.sells("Second", 2.0).await;
    ada.sells("Third", 3.0).await;
    ben.sells("Somebody else's", 4.0).await;
    let order = ben.orders(&first).await;
    ben.pays(&order, "pm_card_visa").await;
    ben.sees_order(&order, "complete").await;
    ben.orders(&second).await;
    let expected = [
        (json!("Third"), json!("on-sale")),
        (json!("Second"), json!("reserved")),
        (json!("First"), json!("sold")),
    ];
    eventually("every state to be listed", async || {
        (states(&ada).await == expected).then_some(())
    })
    .await;
}

async fn a_deleted_ticket_is_gone_from_the_list(shop: Shop) {
    let ada = shop.person().await;
    let ticket = ada.sells("Gone", 1.0).await;
    assert_eq!(states(&ada).await.len(), 1);
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
    ada.delete(&path).await.is(204);
    assert_eq!(states(&ada).await, []);
}

async fn own_tickets_come_in_pages(shop: Shop) {
    let ada = shop.person().await;
    for n in 0..3 {
        ada.sells(&format!("Seat {n}"), 1.0).await;
    }
    let first = ada.get(&format!("{OWN}&limit=2")).await;
    assert_eq!(first.is(200).as_array().map(Vec::len), Some(2));
    let link = first
        .header("link")
        .split(['<', '>'])
        .nth(1)
        .unwrap_or_default();
    let target = link.strip_prefix(shop.origin()).unwrap_or(link);
    let second = ada.get(target).await;
    assert_eq!(second.is(200)[0]["title"], "Seat 0");
    assert_eq!(second.header("link"), "");
}

async fn who_is_not_signed_in_has_no_tickets(shop: Shop) {
    shop.visitor().get(OWN).await.is(401);
}

async fn nobody_lists_the_tickets_of_somebody_else(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let reply = ben.get(&format!("/api/tickets?seller={}", ada.id)).await;
    reply.is(400);
    assert_eq!(reply.errors()[0]["field"], "seller");
}
