//! Several people who want the same thing at the same moment.
use e2e::{Person, Shop};
use futures::future::join_all;
use serde_json::json;

crate::trials!(
    of_two_buyers_of_one_ticket_one_gets_it,
    of_many_buyers_of_one_ticket_one_gets_it,
    a_change_and_an_order_at_once_leave_one_truth,
    ten_cancellations_of_one_order_at_once_free_its_ticket_once,
);

async fn race(shop: &Shop, buyers: usize) {
    let seller = shop.person().await;
    let buyers = join_all((0..buyers).map(|_| shop.person())).await;
    let ticket = seller.sells("The last seat", 10.0).await;
    // A first order makes sure that the order service knows the ticket, then it is free again.
    let order = seller.orders(&ticket).await;
    seller
        .delete(&format!(
            "/api/orders/{}",
            order["id"].as_str().unwrap_or_default()
        ))
        .await
        .is(204);
    let replies = join_all(
        buyers
            .iter()
            .map(|buyer: &Person| buyer.tries_to_order(&ticket)),
    )
    .await;
    let won = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(won, 1, "{replies:?}");
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.refused(400, "Ticket is already reserved", None);
    }
    let held = join_all(buyers.iter().map(|buyer| buyer.get("/api/orders"))).await;
    let orders: usize = held
        .iter()
        .map(|reply| reply.json().as_array().map_or(0, Vec::len))
        .sum();
    assert_eq!(orders, 1);
}

async fn of_two_buyers_of_one_ticket_one_gets_it(shop: Shop) {
    for _ in 0..5 {
        race(&shop, 2).await;
    }
}

async fn of_many_buyers_of_one_ticket_one_gets_it(shop: Shop) {
    race(&shop, 16).await;
}

async fn a_change_and_an_order_at_once_leave_one_truth(shop: Shop) {
    let (seller, buyer) = (shop.person().await, shop.person().await);
    for _ in 0..5 {
        let ticket = seller.sells("Cheap", 10.0).await;
        shop.events().event("ticket:created", &ticket["id"]).await;
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
        let dearer = json!({ "title": "Dear", "price": 20 });
        let (changed, order) = futures::join!(seller.put(&path, &dearer), buyer.orders(&ticket));
        assert!(
            matches!(changed.status.as_u16(), 200 | 400),
            "{}",
            changed.text()
        );
        // Whatever price the buyer was told is the one that is charged.
        let told = order["ticket"]["price"].as_f64();
        assert!(told == Some(10.0) || told == Some(20.0), "{order}");
        seller.sees_reserved(&ticket).await;
        assert_eq!(buyer.order(&order).await["ticket"]["price"].as_f64(), told);
    }
}

async fn ten_cancellations_of_one_order_at_once_free_its_ticket_once(shop: Shop) {
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("Unwanted", 10.0).await;
    let order = buyer.orders(&ticket).await;
    let path = format!("/api/orders/{}", order["id"].as_str().unwrap_or_default());
    let replies = join_all((0..10).map(|_| buyer.delete(&path))).await;
    assert!(
        replies.iter().any(|reply| reply.status == 204),
        "{replies:?}"
    );
    assert!(
        replies
            .iter()
            .all(|reply| matches!(reply.status.as_u16(), 204 | 400)),
        "{replies:?}"
    );
    shop.events().event("order:cancelled", &order["id"]).await;
    shop.events().catch_up().await;
    assert_eq!(
        shop.events().about("order:cancelled", &order["id"]).len(),
        1
    );
}
