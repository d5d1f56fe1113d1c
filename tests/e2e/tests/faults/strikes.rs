//! Every process killed, restarted, paused and cut off, at every step of a purchase at once: a strike befalls four purchases, of
//! which one waits for Stripe to take the money, one for Stripe's answer, one for its event to be published and one for its
//! event to be acknowledged. Then all four get their tickets, and the promises hold.
use std::time::Duration;

use e2e::faults::{Determined, Ending, Fault, Part, Strike};
use e2e::{Shop, eventually, within};
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::{World, rounds};

pub(crate) fn trials(world: &World) -> Vec<libtest_mimic::Trial> {
    let faults = if rounds() > 1 {
        everything()
    } else {
        essentials()
    };
    let trials = faults.into_iter().map(|fault| {
        let world = world.clone();
        let name = format!("strikes::{fault}").replace(' ', "_");
        e2e::trial(
            name,
            move || world.clone(),
            async move |world| {
                survives(&world, fault).await;
            },
        )
    });
    trials.collect()
}

/// How long a pause or a cut lasts.
const LASTS: Duration = Duration::from_secs(2);
/// From a strike until everybody has a ticket.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long Stripe stands still: longer than it takes to bring the other purchases to their steps.
const STANDSTILL_MS: u64 = 4000;

const CONFIRM: &str = "/v1/payment_intents/*/confirm";

/// Everything is killed once; what has state or passes it on is also paused, restarted and cut off.
fn essentials() -> Vec<Fault> {
    let kills = Part::ALL.map(|part| Fault {
        part,
        strike: Strike::Kill,
    });
    let relay = Part::Provider("outbox-relay");
    let messaging = Part::Provider("messaging-jetstream");
    let others = [
        (Part::Postgres, Strike::Restart),
        (Part::Nats, Strike::Restart),
        (Part::Host, Strike::Restart),
        (Part::Postgres, Strike::Pause),
        (Part::Nats, Strike::Pause),
        (Part::Host, Strike::Pause),
        (Part::Stripe, Strike::Pause),
        (relay, Strike::Pause),
        (messaging, Strike::Pause),
        (Part::Postgres, Strike::Refuse),
        (Part::Nats, Strike::Refuse),
        (relay, Strike::Refuse),
        (messaging, Strike::Refuse),
        (Part::Provider("sqldb-postgres"), Strike::Refuse),
        (Part::Postgres, Strike::Stall),
        (Part::Nats, Strike::Stall),
        (relay, Strike::Stall),
    ];
    let others = others.map(|(part, strike)| Fault { part, strike });
    kills.into_iter().chain(others).collect()
}

fn everything() -> Vec<Fault> {
    let all = Part::ALL
        .into_iter()
        .flat_map(|part| Strike::ALL.map(|strike| Fault { part, strike }));
    // Stripe is not connected to anything of the lattice's.
    all.filter(|fault| {
        fault.part != Part::Stripe || !matches!(fault.strike, Strike::Refuse | Strike::Stall)
    })
    .collect()
}

async fn survives(world: &World, fault: Fault) {
    let (shop, arena) = (world.shop().await, world.arena().await);
    let mut people = Vec::new();
    for _ in 0..4 {
        let mut seller = Determined::signs_up(&shop, PATIENCE).await;
        let buyer = Determined::signs_up(&shop, PATIENCE).await;
        people.push((buyer, seller.sells("Under fire", 5.0).await));
    }
    let begin = OffsetDateTime::now_utc();
    let mut purchases = Vec::new();
    // Stripe has not taken the money yet; and: it has, and nobody knows.
    for when in ["before", "after"] {
        let (mut buyer, ticket) = people.pop().expect("there are four");
        let still = json!({ "when": when, "delay_ms": STANDSTILL_MS });
        let still = shop.double().next_goes_wrong("POST", CONFIRM, &still).await;
        purchases.push(tokio::spawn(async move {
            buyer.buys(&ticket, "pm_card_visa").await
        }));
        shop.double().has_gone_wrong(still).await;
    }
    // Paid, and orders is in the middle of handling it.
    let (mut buyer, ticket) = people.pop().expect("there are four");
    let held = hold_handler(world, &shop, &mut buyer, &ticket).await;
    purchases.push(tokio::spawn(async move {
        buyer.buys(&ticket, "pm_card_visa").await
    }));
    // Ordered, and nobody has been told.
    let relay = arena.process(Part::Provider("outbox-relay")).await;
    relay.pause();
    let (mut buyer, ticket) = people.pop().expect("there are four");
    buyer.orders(&ticket).await;
    purchases.push(tokio::spawn(async move {
        buyer.buys(&ticket, "pm_card_visa").await
    }));

    arena.strike(fault, LASTS).await;
    relay.go_on();
    drop(held);
    for purchase in purchases {
        let ending = purchase
            .await
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
        assert_eq!(ending, Ending::Bought);
    }
    // Whatever was struck, people who come now notice nothing any more.
    within(PATIENCE, format!("/healthz after {fault}"), async || {
        (shop.visitor().try_get("/healthz").await?.status == 200).then_some(())
    })
    .await;
    arena.note(fault, begin);
    world.holds().await;
}

/// Pays an order whose row is locked, and returns when the handler of `payment:created` waits for it, with what holds the lock.
async fn hold_handler(
    world: &World,
    shop: &Shop,
    buyer: &mut Determined,
    ticket: &Value,
) -> tokio_postgres::Client {
    let places = world.arena().await.places();
    let lock = checker::connect(&places.postgres, "orders")
        .await
        .expect("Postgres answers");
    let order = buyer.orders(ticket).await.expect("nobody else wants it");
    let id = order["id"].as_str().unwrap_or_default();
    let statement = format!("begin; select from orders where id = '{id}' for update");
    lock.batch_execute(&statement).await.expect("a lock");
    let payment = json!({ "orderId": id, "token": "pm_card_visa" });
    eventually("the payment to be taken", async || {
        // Taken, or too late, or nobody knows: in each case an event about the order is on its way.
        let reply = buyer.person.try_post("/api/payments", &payment).await?;
        (reply.status != 404).then_some(())
    })
    .await;
    let watch = checker::connect(&places.postgres, "orders")
        .await
        .expect("Postgres answers");
    eventually("a handler to wait for the lock", async || {
        let waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let rows = watch.query(waiting, &[]).await.ok()?;
        (!rows.is_empty()).then_some(())
    })
    .await;
    let _ = shop;
    lock
}
