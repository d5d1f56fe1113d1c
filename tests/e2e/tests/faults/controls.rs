//! The suite under test: a guard is taken away, and the checker has to notice. A suite that never fails proves nothing.
//! These come last, since what they break stays broken for good.
use std::collections::HashSet;
use std::time::Duration;

use checker::Promise;
use e2e::faults::{Fault, Part, Strike};
use e2e::{Person, Shop, eventually};
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::guard::Guard;
use crate::{ORDER_EXPIRATION_SECONDS, World};

e2e::trials!(
    without_the_unique_index_a_ticket_is_sold_twice,
    without_the_lock_on_its_order_a_payment_is_made_twice,
    without_the_refund_of_what_is_refused_money_is_kept,
    without_the_outbox_nobody_hears_of_a_ticket,
    without_versions_an_old_event_brings_back_the_old_price,
    without_its_deadline_an_order_never_ends,
    with_another_clock_an_order_ends_too_soon,
    without_waiting_for_the_disk_a_killed_database_forgets,
);

const CONFIRM: &str = "/v1/payment_intents/*/confirm";

/// How long things may take to come to rest. Some never do: that is what was broken.
const QUIET: Duration = Duration::from_secs(8);

/// The checker names `promise` for `subject`.
async fn is_caught(world: &World, promise: Promise, subject: &Value) {
    let report = world
        .arena()
        .await
        .check(QUIET)
        .await
        .expect("the evidence can be read");
    let subject = subject.as_str().unwrap_or_default();
    let mut violations = report.violations.iter();
    let named = violations.any(|violation| {
        violation.promise == promise && violation.subjects.iter().any(|one| one == subject)
    });
    assert!(
        named,
        "{promise:?} is broken for {subject}, and nobody noticed: {report}"
    );
}

async fn reserved(shop: &Shop) -> (Person, Value, Value) {
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("Unguarded", 20.0).await;
    let order = buyer.orders(&ticket).await;
    (buyer, ticket, order)
}

async fn without_the_unique_index_a_ticket_is_sold_twice(world: World) {
    let shop = world.shop().await;
    let guard = Guard::of(&world, "orders").await;
    guard.run("drop index orders_one_active").await;
    let seller = shop.person().await;
    let buyers = join_all((0..8).map(|_| shop.person())).await;
    let ticket = eventually("two buyers to be told 201", async || {
        let ticket = seller.sells("The last seat", 10.0).await;
        let wish = json!({ "ticketId": ticket["id"] });
        shop.events().event("ticket:created", &ticket["id"]).await;
        let replies = join_all(
            buyers
                .iter()
                .map(|buyer| buyer.try_post("/api/orders", &wish)),
        )
        .await;
        let won = replies.iter().flatten();
        (won.filter(|reply| reply.status == 201).count() > 1).then_some(ticket)
    })
    .await;
    is_caught(&world, Promise::NoOversell, &ticket["id"]).await;
    guard
        .run(
            "update orders o set status = 'cancelled', cancelled_by = 'refusal' where status <> 'cancelled' and exists (
               select from orders other where other.ticket_id = o.ticket_id and other.id > o.id and other.status <> 'cancelled');
             create unique index orders_one_active on orders (ticket_id) where status <> 'cancelled'",
        )
        .await;
}

async fn without_the_lock_on_its_order_a_payment_is_made_twice(world: World) {
    let shop = world.shop().await;
    let guard = Guard::of(&world, "payments").await;
    guard
        .run("alter table payments drop constraint payments_order_id_key")
        .await;
    let claim = guard
        .rewrite("claim_payment", |body| {
            body.replace("where id = p_order for update", "where id = p_order")
        })
        .await;
    let order = eventually("an order to be charged twice", async || {
        let (buyer, _, order) = reserved(&shop).await;
        buyer.tries_to_pay(&order, "tok_chargeDeclined").await;
        guard
            .run(&format!(
                "delete from payments where order_id = '{}'",
                order["id"].as_str().unwrap_or_default()
            ))
            .await;
        let cards = [
            "pm_card_visa",
            "pm_card_mastercard",
            "pm_card_amex",
            "pm_card_discover",
        ];
        join_all(cards.map(|card| {
            let payment = json!({ "orderId": order["id"], "token": card });
            let buyer = buyer.clone();
            async move { buyer.try_post("/api/payments", &payment).await }
        }))
        .await;
        let ledger = shop.double().ledger().await;
        let charges = ledger["charges"].as_array()?.iter();
        let paid = charges.filter(|charge| {
            charge["metadata"]["order_id"] == order["id"] && charge["status"] == "succeeded"
        });
        let intents: HashSet<_> = paid
            .filter_map(|charge| charge["payment_intent"].as_str())
            .collect();
        (intents.len() > 1).then_some(order)
    })
    .await;
    is_caught(&world, Promise::NoLostMoney, &order["id"]).await;
    claim.restore(&guard).await;
}

async fn without_the_refund_of_what_is_refused_money_is_kept(world: World) {
    let shop = world.shop().await;
    let guard = Guard::of(&world, "payments").await;
    let refund = guard
        .rewrite("refund_if_refused", |body| {
            body.replace("o.status = 'cancelled'", "false")
        })
        .await;
    let (buyer, _, order) = reserved(&shop).await;
    let slow = json!({ "when": "before", "delay_ms": 1500 });
    let slow = shop.double().next_goes_wrong("POST", CONFIRM, &slow).await;
    let path = format!("/api/orders/{}", order["id"].as_str().unwrap_or_default());
    futures::join!(buyer.tries_to_pay(&order, "pm_card_visa"), async {
        shop.double().has_gone_wrong(slow).await;
        buyer.try_ask(buyer.request(Method::DELETE, &path)).await
    });
    is_caught(&world, Promise::NoLostMoney, &order["id"]).await;
    refund.restore(&guard).await;
}

async fn without_the_outbox_nobody_hears_of_a_ticket(world: World) {
    let shop = world.shop().await;
    let guard = Guard::of(&world, "tickets").await;
    guard
        .run(
            "create function forget() returns trigger language plpgsql as 'begin return null; end';
         create trigger forget before insert on outbox for each row execute function forget()",
        )
        .await;
    let ticket = shop.person().await.sells("Unheard of", 10.0).await;
    is_caught(&world, Promise::NothingLost, &ticket["id"]).await;
    is_caught(&world, Promise::SameState, &ticket["id"]).await;
    guard
        .run("drop trigger forget on outbox; drop function forget()")
        .await;
}

async fn without_versions_an_old_event_brings_back_the_old_price(world: World) {
    let shop = world.shop().await;
    let guard = Guard::of(&world, "orders").await;
    let seller = shop.person().await;
    let ticket = seller.sells("Cheap", 10.0).await;
    let created = shop.events().event("ticket:created", &ticket["id"]).await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
    let edit = seller
        .request(Method::PUT, &path)
        .json(&json!({ "title": "Dear", "price": 20 }));
    seller.ask(edit).await.is(200);
    shop.events().event("ticket:updated", &ticket["id"]).await;
    let apply = guard
        .rewrite("apply_ticket", |body| {
            body.replace("where known.version < excluded.version", "")
        })
        .await;
    shop.events()
        .inject("ticketing.ticket.created", &created.to_string())
        .await;
    is_caught(&world, Promise::SameState, &ticket["id"]).await;
    apply.restore(&guard).await;
}

async fn without_its_deadline_an_order_never_ends(world: World) {
    let shop = world.shop().await;
    let guard = Guard::of(&world, "expiration").await;
    guard
        .run(
            "create function forget() returns trigger language plpgsql as 'begin return null; end';
         create trigger forget before insert on deadlines for each row execute function forget()",
        )
        .await;
    let (_, _, order) = reserved(&shop).await;
    let over = Duration::from_secs(ORDER_EXPIRATION_SECONDS + 3);
    tokio::time::sleep(over).await;
    is_caught(&world, Promise::EndsInTime, &order["id"]).await;
    let id = order["id"].as_str().unwrap_or_default();
    guard
        .run(&format!(
            "drop trigger forget on deadlines; drop function forget(); insert into deadlines (order_id, expires_at) values ('{id}', now())"
        ))
        .await;
}

async fn with_another_clock_an_order_ends_too_soon(world: World) {
    let shop = world.shop().await;
    let guard = Guard::of(&world, "expiration").await;
    guard.run(
        "create function hurry() returns trigger language plpgsql as 'begin new.expires_at := new.expires_at - interval ''5 s''; return new; end';
         create trigger hurry before insert on deadlines for each row execute function hurry()",
    )
    .await;
    let (_, _, order) = reserved(&shop).await;
    is_caught(&world, Promise::EndsInTime, &order["id"]).await;
    guard
        .run("drop trigger hurry on deadlines; drop function hurry()")
        .await;
}

async fn without_waiting_for_the_disk_a_killed_database_forgets(world: World) {
    let shop = world.shop().await;
    let arena = world.arena().await;
    let guard = Guard::of(&world, "tickets").await;
    for setting in ["synchronous_commit = off", "wal_writer_delay = '10s'"] {
        guard.run(&format!("alter system set {setting}")).await;
    }
    guard.run("select pg_reload_conf()").await;
    let seller = shop.person().await;
    let lost = e2e::within(
        Duration::from_secs(60),
        "an acknowledged ticket to be forgotten",
        async || {
            let draft = json!({ "title": Uuid::new_v4(), "price": 1 });
            let reply = seller.try_post("/api/tickets", &draft).await?;
            let ticket = (reply.status == 201).then(|| reply.json())?;
            let begin = time::OffsetDateTime::now_utc();
            let fault = Fault {
                part: Part::Postgres,
                strike: Strike::Kill,
            };
            arena.strike(fault, Duration::ZERO).await;
            let path = format!("/api/tickets/{}", ticket["id"].as_str()?);
            let status = eventually("the shop to answer", async || {
                let status = shop.visitor().try_get(&path).await?.status.as_u16();
                matches!(status, 200 | 404).then_some(status)
            })
            .await;
            arena.note(fault, begin);
            (status == 404).then_some(ticket)
        },
    )
    .await;
    is_caught(&world, Promise::NothingLost, &lost["id"]).await;
    let guard = Guard::of(&world, "tickets").await;
    guard.run("alter system reset all").await;
    guard.run("select pg_reload_conf()").await;
}
