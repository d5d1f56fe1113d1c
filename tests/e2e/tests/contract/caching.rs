//! What may be a second old, and what may not.
use e2e::{Reply, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

crate::trials!(
    a_seller_sees_every_change_at_once,
    so_does_everybody_else_at_the_same_door,
    a_new_ticket_is_listed_at_once,
    a_buyer_is_not_shown_the_ticket_as_it_was,
    what_a_browser_has_is_not_sent_again,
    ones_own_tickets_are_nobody_elses,
);

fn path(ticket: &Value) -> String {
    format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default())
}

async fn a_seller_sees_every_change_at_once(shop: Shop) {
    let ada = shop.person().await;
    let ticket = ada.sells("Row 0", 1.0).await;
    for row in 1..20 {
        let draft = json!({ "title": format!("Row {row}"), "price": row });
        let changed = ada.put(&path(&ticket), &draft).await.is(200);
        assert_eq!(ada.get(&path(&ticket)).await.is(200), changed);
    }
    ada.delete(&path(&ticket)).await.is(204);
    ada.get(&path(&ticket)).await.is(404);
}

async fn so_does_everybody_else_at_the_same_door(shop: Shop) {
    let (ada, visitor) = (shop.person().await, shop.visitor());
    let ticket = ada.sells("Row 0", 1.0).await;
    for row in 1..20 {
        visitor.get(&path(&ticket)).await.is(200);
        let draft = json!({ "title": format!("Row {row}"), "price": row });
        let changed = ada.put(&path(&ticket), &draft).await.is(200);
        assert_eq!(visitor.get(&path(&ticket)).await.is(200), changed);
    }
}

async fn a_new_ticket_is_listed_at_once(shop: Shop) {
    let (ada, word) = (shop.person().await, Uuid::new_v4().simple().to_string());
    let list = format!("/api/tickets?q={word}");
    for count in 1..10 {
        let ticket = ada.sells(&word, 1.0).await;
        let listed = ada.get(&list).await.is(200);
        assert_eq!(listed[0]["id"], ticket["id"]);
        assert_eq!(listed.as_array().map(Vec::len), Some(count));
    }
}

async fn a_buyer_is_not_shown_the_ticket_as_it_was(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    for _ in 0..5 {
        let ticket = ada.sells("Front row", 49.5).await;
        ben.get(&path(&ticket)).await.is(200);
        let order = ben.orders(&ticket).await;
        // From the moment that the tickets service has heard of it.
        shop.events().event("ticket:updated", &ticket["id"]).await;
        assert_eq!(
            ben.get(&path(&ticket)).await.is(200)["orderId"],
            order["id"]
        );
    }
}

async fn what_a_browser_has_is_not_sent_again(shop: Shop) {
    let (ada, visitor) = (shop.person().await, shop.visitor());
    let ticket = ada.sells("Front row", 49.5).await;
    let known = |reply: &Reply| {
        let request = visitor.request(Method::GET, &path(&ticket));
        request.header("if-none-match", reply.header("etag"))
    };
    let reply = visitor.get(&path(&ticket)).await;
    assert_eq!(
        reply.header("cache-control"),
        "public, max-age=0, s-maxage=1"
    );
    let again = visitor.ask(known(&reply)).await;
    again.is(304);
    assert!(again.body.is_empty());

    let draft = json!({ "title": "Second row", "price": 40 });
    let changed = ada.put(&path(&ticket), &draft).await.is(200);
    assert_eq!(visitor.ask(known(&reply)).await.is(200), changed);
}

async fn ones_own_tickets_are_nobody_elses(shop: Shop) {
    const OWN: &str = "/api/tickets?seller=me";
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Mine", 1.0).await;
    let reply = ada.get(OWN).await;
    assert_eq!(reply.is(200)[0]["id"], ticket["id"]);
    assert_eq!(reply.header("cache-control"), "private, no-store");
    assert_eq!(ben.get(OWN).await.is(200), json!([]));
    shop.visitor().get(OWN).await.is_not_authorized();
}
