//! What this service knows of orders comes back when their events come again; what it did about them it does once.

mod support;

use support::{Fault, Shop, cancelled, completed, created, event, tell_all, tell_as};
use uuid::Uuid;

type Told = Vec<(Uuid, &'static str, String)>;

/// Tells events, and remembers under which ids.
fn tell(shop: &Shop, events: &[(&'static str, String)]) -> Told {
    let tell = |event: &(&'static str, String)| (shop.tell(event), event.0, event.1.clone());
    events.iter().map(tell).collect()
}

fn tell_again<'a>(shop: &Shop, told: impl IntoIterator<Item = &'a (Uuid, &'static str, String)>) {
    for (id, kind, data) in told {
        tell_as(&shop.database, *id, kind, data);
    }
}

fn rows(shop: &Shop, table: &str) -> String {
    shop.text(&format!(
        "select coalesce(json_agg(t order by id), '[]')::text from {table} t"
    ))
}

#[test]
fn lost_copies_come_back_in_any_order_and_stripe_is_not_asked_again() {
    let shop = Shop::open();
    let (paid, given_back) = (Uuid::new_v4(), Uuid::new_v4());
    let mut told = tell(&shop, &[created(paid, 0), created(given_back, 0)]);
    shop.pay(paid, "pm_card_visa");
    shop.pay(given_back, "tok_chargeDeclined");
    told.extend(tell(&shop, &[completed(paid, 1), cancelled(given_back, 1)]));
    shop.let_time_pass();
    shop.reconcile();
    let (orders, payments) = (rows(&shop, "orders"), rows(&shop, "payments"));
    tell_again(&shop, &told);
    assert_eq!(rows(&shop, "orders"), orders);
    shop.run("truncate orders");
    tell_again(&shop, told.iter().rev());
    assert_eq!(rows(&shop, "orders"), orders);
    // Nor is anything due that was not.
    assert_eq!(rows(&shop, "payments"), payments);
}

#[test]
fn a_refusal_that_was_forgotten_when_the_money_came_is_carried_out_when_it_comes_again() {
    let shop = Shop::open();
    let order = shop.order();
    shop.stripe.goes_wrong(Fault::AnswerLost("/confirm"));
    shop.pay(order, "pm_card_visa");
    let told = tell(&shop, &[cancelled(order, 1), cancelled(order, 2)]);
    shop.run("truncate orders");
    shop.let_time_pass();
    shop.reconcile();
    assert_eq!(shop.status(order), "succeeded");
    tell_again(&shop, &told);
    assert_eq!(shop.status(order), "refunding");
}

#[test]
fn events_of_one_order_end_alike_whether_they_come_together_or_apart() {
    let shop = Shop::open();
    let (together, apart) = (Uuid::new_v4(), Uuid::new_v4());
    let events = |order| {
        [
            cancelled(order, 1),
            created(order, 0),
            cancelled(order, 3),
            completed(order, 2),
        ]
        .map(|(kind, data)| (Uuid::new_v4(), kind, data))
    };
    for (id, kind, data) in &events(apart) {
        tell_as(&shop.database, *id, kind, data);
    }
    // And one of them twice.
    let mut texts: Vec<String> = events(together)
        .iter()
        .map(|(id, kind, data)| event(*id, kind, data))
        .collect();
    texts.push(texts[1].clone());
    tell_all(&shop.database, &texts);
    let known = |order: Uuid| {
        shop.text(&format!(
            "select row(user_id, price, expires_at, status, version, cancelled_first, cancelled_last)::text
             from orders where id = '{order}'"
        ))
    };
    assert_eq!(known(together), known(apart));
    assert!(
        known(together).contains("cancelled,3,1,3"),
        "{}",
        known(together)
    );
}
