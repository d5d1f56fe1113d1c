//! Two things at the same moment, in either order.
use std::time::Duration;

use e2e::{Person, Shop};
use futures::future::join_all;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{ORDER_EXPIRATION_SECONDS, World, rounds};

e2e::trials!(
    of_many_buyers_of_the_last_ticket_one_gets_it,
    paying_against_the_clock_and_another_buyer,
    cancelling_against_paying,
    editing_and_withdrawing_against_reserving,
    the_clock_against_a_webhook,
    clicking_twice_and_in_two_tabs_charges_once,
);

const CONFIRM: &str = "/v1/payment_intents/*/confirm";

/// Around the moment that decides, in ms: well before, just before, at, just after and well after it.
const AROUND: [i64; 7] = [-900, -300, -100, 0, 100, 300, 900];

fn path(kind: &str, of: &Value) -> String {
    format!("/api/{kind}/{}", of["id"].as_str().unwrap_or_default())
}

/// An order that the payment service has heard of: it declines a card for it.
async fn reserved(shop: &Shop) -> (Person, Value, Value) {
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("Contested", 20.0).await;
    let order = buyer.orders(&ticket).await;
    (buyer, ticket, order)
}

/// When the order's time is over.
fn end(order: &Value) -> OffsetDateTime {
    let text = order["expiresAt"].as_str().unwrap_or_default();
    OffsetDateTime::parse(text, &Rfc3339).expect("an RFC 3339 time")
}

/// How long it is until `offset_ms` after the order's time.
pub fn until(order: &Value, offset_ms: i64) -> Duration {
    let left = end(order) + time::Duration::milliseconds(offset_ms) - OffsetDateTime::now_utc();
    left.try_into().unwrap_or_default()
}

async fn of_many_buyers_of_the_last_ticket_one_gets_it(world: World) {
    let shop = world.shop().await;
    let seller = shop.person().await;
    let buyers = join_all((0..8).map(|_| shop.person())).await;
    for _ in 0..10 * rounds() {
        let ticket = seller.sells("The last seat", 10.0).await;
        // The order service knows the ticket as soon as somebody else is told that it is reserved, or has it.
        let wish = json!({ "ticketId": ticket["id"] });
        shop.events().event("ticket:created", &ticket["id"]).await;
        let replies = join_all(
            buyers
                .iter()
                .map(|buyer| async { buyer.try_post("/api/orders", &wish).await }),
        )
        .await;
        let mut won: Vec<_> = replies
            .iter()
            .flatten()
            .filter(|reply| reply.status == 201)
            .map(|reply| reply.json())
            .collect();
        won.sort_by_key(end);
        for (one, next) in won.iter().zip(won.iter().skip(1)) {
            // An answer that was long in coming may be about the ticket when it was free again.
            let begun = end(next) - Duration::from_secs(ORDER_EXPIRATION_SECONDS);
            assert!(begun >= end(one), "{one} and {next} have it at a time");
        }
    }
    world.holds().await;
}

/// The money is taken at moments around the order's end, while somebody else waits for the ticket.
async fn paying_against_the_clock_and_another_buyer(world: World) {
    let shop = world.shop().await;
    let rivals = [false, true];
    let trials = AROUND
        .iter()
        .flat_map(|offset| rivals.map(|rival| (*offset, rival)));
    let trials: Vec<_> = trials.collect();
    for _ in 0..rounds() {
        join_all(trials.iter().map(async |(offset, rival)| {
            let (buyer, ticket, order) = reserved(&shop).await;
            let pays = async {
                // Claimed in time; the double takes the money when it is time.
                let begin = until(&order, -1500);
                tokio::time::sleep(begin).await;
                let delay = until(&order, *offset).as_millis();
                let fault = json!({ "when": "before", "delay_ms": u64::try_from(delay).unwrap_or_default() });
                shop.double().next_goes_wrong("POST", CONFIRM, &fault).await;
                let payment = json!({ "orderId": order["id"], "token": "pm_card_visa" });
                buyer.try_post("/api/payments", &payment).await
            };
            let waits = async {
                if !rival {
                    return;
                }
                let other = shop.person().await;
                let end = tokio::time::Instant::now() + until(&order, 2500);
                let wish = json!({ "ticketId": ticket["id"] });
                while tokio::time::Instant::now() < end {
                    if let Some(reply) = other.try_post("/api/orders", &wish).await
                        && reply.status == 201
                    {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            futures::join!(pays, waits)
        }))
        .await;
        // An order that ended first was not paid.
        shop.double().nothing_else_goes_wrong().await;
    }
    world.holds().await;
}

/// The buyer cancels before Stripe takes the money, after it did, and when the answer is there.
async fn cancelling_against_paying(world: World) {
    let shop = world.shop().await;
    for _ in 0..rounds() {
        for when in ["before", "after"] {
            for delay_ms in [0, 50, 400] {
                let (buyer, _, order) = reserved(&shop).await;
                let payment = json!({ "orderId": order["id"], "token": "pm_card_visa" });
                let fault = json!({ "when": when, "delay_ms": delay_ms });
                let fault = shop.double().next_goes_wrong("POST", CONFIRM, &fault).await;
                let cancels = async {
                    shop.double().has_gone_wrong(fault).await;
                    let request = buyer.request(reqwest::Method::DELETE, &path("orders", &order));
                    buyer.try_ask(request).await
                };
                // The request that the fault is waiting for comes for certain: until it is known, it is repeated.
                let (_, cancelled) =
                    futures::join!(buyer.tries_to_pay(&order, "pm_card_visa"), cancels);
                if let Some(reply) = cancelled {
                    assert!(
                        matches!(reply.status.as_u16(), 204 | 400 | 500..),
                        "{}",
                        reply.text()
                    );
                }
                // Once more, now that it is decided: it changes nothing.
                buyer.try_post("/api/payments", &payment).await;
            }
        }
        // Both at once, without a hand on the scale.
        for _ in 0..5 {
            let (buyer, _, order) = reserved(&shop).await;
            let request = buyer.request(reqwest::Method::DELETE, &path("orders", &order));
            futures::join!(
                buyer.tries_to_pay(&order, "pm_card_visa"),
                buyer.try_ask(request)
            );
        }
    }
    world.holds().await;
}

async fn editing_and_withdrawing_against_reserving(world: World) {
    let shop = world.shop().await;
    let (seller, buyer) = (shop.person().await, shop.person().await);
    for round in 0..6 * rounds() {
        for withdraws in [false, true] {
            let ticket = seller.sells("Here or gone", 10.0).await;
            shop.events().event("ticket:created", &ticket["id"]).await;
            let wish = json!({ "ticketId": ticket["id"] });
            let changes = async {
                let place = path("tickets", &ticket);
                let request = if withdraws {
                    seller.request(reqwest::Method::DELETE, &place)
                } else {
                    let dearer = json!({ "title": "Dearer", "price": 30 });
                    seller.request(reqwest::Method::PUT, &place).json(&dearer)
                };
                seller.try_ask(request).await
            };
            let reserves = buyer.try_post("/api/orders", &wish);
            // Polled in turn, so whichever is first in the pair is sent first.
            let (changed, order) = if round % 2 == 0 {
                futures::join!(changes, reserves)
            } else {
                let (order, changed) = futures::join!(reserves, changes);
                (changed, order)
            };
            for reply in [changed, order].into_iter().flatten() {
                assert!(
                    matches!(reply.status.as_u16(), 200 | 201 | 204 | 400 | 404 | 500..),
                    "{} {}",
                    reply.asked,
                    reply.text()
                );
            }
        }
    }
    world.holds().await;
}

/// Stripe's answer is lost, and its webhook comes before the order's end, or after it, twice, newest first.
async fn the_clock_against_a_webhook(world: World) {
    let shop = world.shop().await;
    let double = shop.double();
    for _ in 0..rounds() {
        for late in [false, true] {
            let hold = json!({ "hold": true, "duplicate": 1 });
            double
                .control(reqwest::Method::PUT, "/webhooks/policy", &hold)
                .await;
            let orders = join_all((0..4).map(async |_| {
                let (buyer, _, order) = reserved(&shop).await;
                let lost = json!({ "when": "after", "reply": "drop" });
                double.next_goes_wrong("POST", CONFIRM, &lost).await;
                let payment = json!({ "orderId": order["id"], "token": "pm_card_visa" });
                buyer.try_post("/api/payments", &payment).await;
                order
            }))
            .await;
            if late {
                let last = orders.iter().map(|order| until(order, 300)).max();
                tokio::time::sleep(last.unwrap_or(Duration::from_secs(ORDER_EXPIRATION_SECONDS)))
                    .await;
            }
            let newest_first = json!({ "order": "newest", "keep_holding": false });
            double
                .control(reqwest::Method::POST, "/webhooks/release", &newest_first)
                .await;
            let usual = json!({ "hold": false, "duplicate": 0 });
            double
                .control(reqwest::Method::PUT, "/webhooks/policy", &usual)
                .await;
            double.nothing_else_goes_wrong().await;
        }
    }
    world.holds().await;
}

async fn clicking_twice_and_in_two_tabs_charges_once(world: World) {
    let shop = world.shop().await;
    for _ in 0..4 * rounds() {
        let (buyer, _, order) = reserved(&shop).await;
        let tab = buyer.twin();
        // Two clicks in one tab, and another card in the other.
        futures::join!(
            buyer.tries_to_pay(&order, "pm_card_visa"),
            buyer.tries_to_pay(&order, "pm_card_visa"),
            tab.tries_to_pay(&order, "pm_card_mastercard"),
        );
        let intents: std::collections::HashSet<String> = shop.double().ledger().await["charges"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|charge| charge["metadata"]["order_id"] == order["id"])
            .filter_map(|charge| charge["payment_intent"].as_str().map(str::to_owned))
            .collect();
        assert!(intents.len() <= 1, "{intents:?}");
    }
    world.holds().await;
}
