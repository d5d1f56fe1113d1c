//! GET /api/orders: one's own orders, a page at a time.
use e2e::{Person, Shop};
use serde_json::Value;

crate::trials!(
    everybody_sees_their_own_orders_newest_first,
    orders_come_in_pages,
    odd_limits_and_cursors_are_refused_or_ignored,
);

fn ids(page: &Value) -> Vec<Value> {
    page.as_array()
        .into_iter()
        .flatten()
        .map(|order| order["id"].clone())
        .collect()
}

/// Orders `count` tickets. Gives the orders' ids, newest first.
async fn orders(shop: &Shop, buyer: &Person, count: usize) -> Vec<Value> {
    let (seller, mut newest_first) = (shop.person().await, Vec::new());
    for n in 0..count {
        let ticket = seller.sells(&format!("Seat {n}"), 1.0).await;
        newest_first.insert(0, buyer.orders(&ticket).await["id"].clone());
    }
    newest_first
}

async fn everybody_sees_their_own_orders_newest_first(shop: Shop) {
    let (ben, cleo) = (shop.person().await, shop.person().await);
    assert_eq!(ben.get("/api/orders").await.is(200), serde_json::json!([]));
    let (bens, cleos) = (orders(&shop, &ben, 3).await, orders(&shop, &cleo, 1).await);
    assert_eq!(ids(&ben.get("/api/orders").await.is(200)), bens);
    assert_eq!(ids(&cleo.get("/api/orders").await.is(200)), cleos);
}

async fn orders_come_in_pages(shop: Shop) {
    let ben = shop.person().await;
    let all = orders(&shop, &ben, 5).await;
    let (mut path, mut pages) = (Some("/api/orders?limit=2".to_owned()), Vec::new());
    while let Some(here) = path {
        let reply = ben.get(&here).await;
        pages.push(ids(&reply.is(200)));
        let target = reply
            .header("link")
            .split(['<', '>'])
            .nth(1)
            .unwrap_or_default();
        let target = target.strip_prefix(shop.origin()).unwrap_or(target);
        path = (!target.is_empty()).then(|| target.to_owned());
        assert!(pages.len() <= 3, "the links lead too far");
    }
    assert_eq!(pages, [&all[0..2], &all[2..4], &all[4..5]]);
}

async fn odd_limits_and_cursors_are_refused_or_ignored(shop: Shop) {
    let ben = shop.person().await;
    for query in [
        "limit=0",
        "limit=-1",
        "limit=x",
        "limit=99999999999999999999",
        "cursor=x",
        "cursor=%00",
        "cursor=",
    ] {
        let reply = ben.get(&format!("/api/orders?{query}")).await;
        assert!(
            matches!(reply.status.as_u16(), 200 | 400),
            "{query}: {} {}",
            reply.status,
            reply.text()
        );
    }
}
