//! Orders that nobody pays.
use std::time::Duration;

use e2e::{Person, Schemas, Shop, within};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{ORDER_EXPIRATION_SECONDS, World};

e2e::trials!(
    an_unpaid_order_is_cancelled_within_2_seconds_of_its_time,
    many_orders_that_run_out_together_are_all_cancelled,
    a_paid_order_does_not_run_out,
    a_cancelled_order_does_not_run_out,
    an_order_that_has_run_out_cannot_be_paid,
);

/// An expired order is cancelled this soon after its time, and its ticket is on sale again.
const PROMISE: Duration = Duration::from_secs(2);
/// What the answer to a question may add to what it tells of.
const LOOKING: Duration = Duration::from_millis(500);

fn expires(order: &Value) -> OffsetDateTime {
    let text = order["expiresAt"].as_str().unwrap_or_default();
    OffsetDateTime::parse(text, &Rfc3339).expect("an RFC 3339 time")
}

/// How long it is until `later` after the order's time.
fn until(order: &Value, later: Duration) -> Duration {
    let left = expires(order) + later - OffsetDateTime::now_utc();
    left.try_into().unwrap_or_default()
}

async fn reserved(shop: &Shop) -> (Person, Person, Value, Value) {
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("Runs out", 12.0).await;
    let order = buyer.orders(&ticket).await;
    (seller, buyer, ticket, order)
}

async fn is_cancelled_in_time(buyer: &Person, order: &Value) {
    within(
        until(order, PROMISE + LOOKING),
        format!("{} to be cancelled", order["id"]),
        async || (buyer.order(order).await["status"] == "cancelled").then_some(()),
    )
    .await;
    assert!(
        OffsetDateTime::now_utc() >= expires(order),
        "cancelled before its time"
    );
}

async fn an_unpaid_order_is_cancelled_within_2_seconds_of_its_time(world: World) {
    let shop = world.shop().await;
    let (seller, buyer, ticket, order) = reserved(&shop).await;
    let lasts = until(&order, Duration::ZERO);
    assert!(
        lasts <= Duration::from_secs(ORDER_EXPIRATION_SECONDS),
        "it lasts {lasts:?}"
    );
    is_cancelled_in_time(&buyer, &order).await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
    within(
        until(&order, PROMISE + LOOKING),
        "the ticket to be on sale again",
        async || {
            seller
                .get(&path)
                .await
                .is(200)
                .get("orderId")
                .is_none()
                .then_some(())
        },
    )
    .await;
    let schemas = Schemas::read().expect("the schemas of the repository");
    let complete = shop
        .events()
        .event_with("expiration:complete", "orderId", &order["id"])
        .await;
    assert_eq!(schemas.faults(&complete), [""; 0], "{complete}");
    let cancelled = shop.events().event("order:cancelled", &order["id"]).await;
    assert_eq!(schemas.faults(&cancelled), [""; 0], "{cancelled}");
    // On sale is what somebody else can order.
    let other = shop.person().await;
    assert_ne!(other.orders(&ticket).await["id"], order["id"]);
}

async fn many_orders_that_run_out_together_are_all_cancelled(world: World) {
    let shop = world.shop().await;
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let orders = futures::future::join_all((0..30).map(async |n| {
        let ticket = seller.sells(&format!("Seat {n}"), 12.0).await;
        buyer.orders(&ticket).await
    }))
    .await;
    futures::future::join_all(
        orders
            .iter()
            .map(|order| is_cancelled_in_time(&buyer, order)),
    )
    .await;
    shop.events().catch_up().await;
    for order in &orders {
        assert_eq!(
            shop.events().about("order:cancelled", &order["id"]).len(),
            1
        );
    }
}

async fn a_paid_order_does_not_run_out(world: World) {
    let shop = world.shop().await;
    let (_, buyer, _, order) = reserved(&shop).await;
    buyer.pays(&order, "pm_card_visa").await;
    buyer.sees_order(&order, "complete").await;
    outlived_by_another(&shop, &order).await;
    assert_eq!(buyer.order(&order).await["status"], "complete");
    assert!(
        shop.events()
            .about("order:cancelled", &order["id"])
            .is_empty()
    );
}

async fn a_cancelled_order_does_not_run_out(world: World) {
    let shop = world.shop().await;
    let (_, buyer, _, order) = reserved(&shop).await;
    let path = format!("/api/orders/{}", order["id"].as_str().unwrap_or_default());
    buyer.delete(&path).await.is(204);
    outlived_by_another(&shop, &order).await;
    shop.events().catch_up().await;
    assert_eq!(
        shop.events().about("order:cancelled", &order["id"]).len(),
        1
    );
}

async fn an_order_that_has_run_out_cannot_be_paid(world: World) {
    let shop = world.shop().await;
    let (_, buyer, _, order) = reserved(&shop).await;
    is_cancelled_in_time(&buyer, &order).await;
    let reply = buyer.tries_to_pay(&order, "pm_card_visa").await;
    reply.refused(400, "Cannot pay for a cancelled order", None);
}

/// Returns when an order that was made after `order` has run out: its own time is over, then.
async fn outlived_by_another(shop: &Shop, order: &Value) {
    let (_, buyer, _, later) = reserved(shop).await;
    assert!(expires(&later) >= expires(order));
    is_cancelled_in_time(&buyer, &later).await;
}
