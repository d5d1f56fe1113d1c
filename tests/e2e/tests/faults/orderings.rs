//! Events twice, newest first, in any order, from an empty memory, and a day of them at once: the state is the same in the end.
//! An order is drawn from a seed, so it can be had again.
use std::collections::BTreeSet;
use std::time::Duration;

use e2e::faults::{Determined, Ending, Part};
use e2e::{Message, Person, Published, Shop, eventually, within};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::guard::Guard;
use crate::{World, rounds};

e2e::trials!(
    every_event_told_again_in_any_order_changes_nothing,
    the_newest_event_first_leads_to_the_same_state,
    an_emptied_memory_is_filled_by_events_in_any_order,
    a_day_of_backlog_is_worked_off_with_poison_in_it,
);

const TYPES: [&str; 9] = [
    "ticket:created",
    "ticket:updated",
    "ticket:deleted",
    "order:created",
    "order:cancelled",
    "order:completed",
    "payment:created",
    "payment:refunded",
    "expiration:complete",
];

const CONFIRM: &str = "/v1/payment_intents/*/confirm";

/// What a shop of a few thousand visitors says in a day.
const A_DAY: usize = 10_000;
/// Until a day's events are handled on a busy machine, and everybody is served again.
const PATIENCE: Duration = Duration::from_secs(180);

/// One event of each type at least: an edit, a withdrawal, a purchase, a cancellation, a reservation that runs out and money
/// that comes too late.
async fn a_bit_of_everything(shop: &Shop) {
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let withdrawn = seller.sells("Withdrawn", 10.0).await;
    ask(&seller, Method::DELETE, "tickets", &withdrawn).await;
    let bought = seller.sells("Bought", 20.0).await;
    let order = buyer.orders(&bought).await;
    buyer.pays(&order, "pm_card_visa").await;
    let given_back = seller.sells("Given back", 30.0).await;
    let order = buyer.orders(&given_back).await;
    ask(&buyer, Method::DELETE, "orders", &order).await;
    let forgotten = seller.sells("Forgotten", 40.0).await;
    let runs_out = buyer.orders(&forgotten).await;
    let late = seller.sells("Paid too late", 50.0).await;
    let order = buyer.orders(&late).await;
    let slow = json!({ "when": "before", "delay_ms": 1500 });
    let slow = shop.double().next_goes_wrong("POST", CONFIRM, &slow).await;
    futures::join!(buyer.tries_to_pay(&order, "pm_card_visa"), async {
        shop.double().has_gone_wrong(slow).await;
        ask(&buyer, Method::DELETE, "orders", &order).await;
    });
    shop.events()
        .event_with("payment:refunded", "orderId", &order["id"])
        .await;
    buyer.sees_order(&runs_out, "cancelled").await;
}

async fn ask(person: &Person, method: Method, kind: &str, of: &Value) {
    let path = format!("/api/{kind}/{}", of["id"].as_str().unwrap_or_default());
    let reply = person.ask(person.request(method, &path)).await;
    assert_eq!(reply.status, 204, "{path}: {}", reply.text());
}

/// What the services have told so far; all types are among it.
async fn told(shop: &Shop) -> Vec<Published> {
    shop.events().catch_up().await;
    let told: Vec<_> = shop
        .events()
        .seen()
        .into_iter()
        .filter(|event| event.event["id"] == event.message_id)
        .collect();
    let kinds: BTreeSet<_> = told
        .iter()
        .filter_map(|event| event.event["type"].as_str())
        .collect();
    assert_eq!(kinds, BTreeSet::from(TYPES));
    told
}

/// The same events, in an order that `seed` decides, each under a name that the stream does not know.
fn shuffled(events: &[Published], seed: usize) -> Vec<Message> {
    let mut events: Vec<_> = events.iter().collect();
    events.sort_by_cached_key(|event| Sha256::digest(format!("{seed} {}", event.message_id)));
    let again = events.into_iter().map(|event| Message {
        id: None,
        subject: event.subject.clone(),
        body: event.event.to_string(),
    });
    again.collect()
}

/// Everything that the services know, apart from what they have heard and have yet to tell.
async fn knowledge(world: &World) -> Vec<String> {
    let tables = [
        ("tickets", "tickets"),
        ("tickets", "ticket_orders"),
        ("orders", "tickets"),
        ("orders", "orders"),
        ("payments", "orders"),
        ("payments", "payments"),
        ("expiration", "deadlines"),
    ];
    let mut rows = Vec::new();
    for (service, table) in tables {
        rows.extend(
            Guard::of(world, service)
                .await
                .rows(&format!("{table} t"), "to_jsonb(t)")
                .await,
        );
    }
    rows
}

async fn every_event_told_again_in_any_order_changes_nothing(world: World) {
    let shop = world.shop().await;
    a_bit_of_everything(&shop).await;
    world.holds().await;
    let (told, before) = (told(&shop).await, knowledge(&world).await);
    for seed in 0..rounds() {
        let begin = OffsetDateTime::now_utc();
        shop.events().publish(shuffled(&told, seed)).await;
        world.arena().await.note("everything is told again", begin);
        world.holds().await;
        assert_eq!(knowledge(&world).await, before, "seed {seed}");
    }
}

/// The relay is held; what it has yet to tell is told newest first, by the names that it would have given.
async fn the_newest_event_first_leads_to_the_same_state(world: World) {
    let shop = world.shop().await;
    let (seller, buyer) = (shop.person().await, shop.person().await);
    for _ in 0..rounds() {
        let edited = seller.sells("Cheap", 10.0).await;
        let wanted = seller.sells("Wanted and not", 10.0).await;
        let order = buyer.orders(&wanted).await;
        ask(&buyer, Method::DELETE, "orders", &order).await;
        buyer.sees_free(&wanted).await;
        shop.events().event("ticket:created", &edited["id"]).await;

        let begin = OffsetDateTime::now_utc();
        let relay = world
            .arena()
            .await
            .process(Part::Provider("outbox-relay"))
            .await;
        relay.pause();
        let path = format!("/api/tickets/{}", edited["id"].as_str().unwrap_or_default());
        for price in [20, 30] {
            seller
                .put(&path, &json!({ "title": "Dear", "price": price }))
                .await
                .is(200);
        }
        ask(&seller, Method::DELETE, "tickets", &edited).await;
        let unheard_of = seller.sells("Unheard of", 10.0).await;
        let path = format!(
            "/api/tickets/{}",
            unheard_of["id"].as_str().unwrap_or_default()
        );
        seller
            .put(&path, &json!({ "title": "Dear", "price": 40 }))
            .await
            .is(200);
        let order = buyer.orders(&wanted).await;
        ask(&buyer, Method::DELETE, "orders", &order).await;
        for service in ["tickets", "orders"] {
            shop.events().publish(untold(&world, service).await).await;
        }
        shop.events().catch_up().await;
        relay.go_on();
        world.arena().await.note("the newest is told first", begin);

        let versions: Vec<_> = about(&shop, &edited).into_iter().skip(1).collect();
        assert_eq!(
            versions,
            [3, 2, 1],
            "the trial did not turn the order round"
        );
        world.holds().await;
    }
}

/// The versions of an aggregate in the order in which they were told.
fn about(shop: &Shop, aggregate: &Value) -> Vec<u64> {
    let seen = shop.events().seen().into_iter();
    let about = seen.filter(|published| published.event["subject"] == aggregate["id"]);
    about
        .filter_map(|published| published.event["data"]["version"].as_u64())
        .collect()
}

/// What a service has yet to tell, newest first, as the relay would put it.
async fn untold(world: &World, service: &str) -> Vec<Message> {
    let event = format!(
        "jsonb_strip_nulls(jsonb_build_object('specversion', '1.0', 'id', id, 'source', '/ticketing/{service}', 'type', type, 'subject', subject,
           'time', to_char(time at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), 'datacontenttype', 'application/json', 'traceparent', traceparent, 'data', data))"
    );
    let rows = Guard::of(world, service)
        .await
        .rows("(select * from outbox order by seq desc) o", &event)
        .await;
    let messages = rows.into_iter().map(|body| {
        let event: Value = serde_json::from_str(&body).expect("Postgres makes JSON");
        let text = |name: &str| event[name].as_str().unwrap_or_default().to_owned();
        Message {
            id: Some(text("id")),
            subject: format!("ticketing.{}", text("type").replace(':', ".")),
            body,
        }
    });
    messages.collect()
}

/// What a service has copied from the others is taken from it, with the memory of having heard it; all that was ever told is told
/// again in any order. It then knows what it knew.
async fn an_emptied_memory_is_filled_by_events_in_any_order(world: World) {
    let shop = world.shop().await;
    a_bit_of_everything(&shop).await;
    world.holds().await;
    let told = told(&shop).await;
    for seed in 0..rounds() {
        let before = copies(&world).await;
        assert!(before.len() >= 4, "{before:?}");
        let begin = OffsetDateTime::now_utc();
        for (service, forget) in [
            ("tickets", "truncate ticket_orders, inbox"),
            ("payments", "truncate orders, inbox"),
            ("expiration", "truncate deadlines"),
        ] {
            Guard::of(&world, service).await.run(forget).await;
        }
        shop.events().publish(shuffled(&told, seed)).await;
        world.arena().await.note("memories are filled again", begin);
        world.holds().await;
        assert_eq!(copies(&world).await, before, "seed {seed}");
    }
}

/// What services know of the orders of others.
async fn copies(world: &World) -> Vec<String> {
    let mut rows = Vec::new();
    for (service, table, row) in [
        ("tickets", "ticket_orders t", "to_jsonb(t)"),
        ("payments", "orders t", "to_jsonb(t)"),
        // When it was announced is the announcer's own business.
        (
            "expiration",
            "deadlines t",
            "to_jsonb(t) - 'announced_at' - 'traceparent'",
        ),
    ] {
        rows.extend(Guard::of(world, service).await.rows(table, row).await);
    }
    rows
}

/// Nobody handles anything while a day's events pile up, one of which nobody can ever handle.
async fn a_day_of_backlog_is_worked_off_with_poison_in_it(world: World) {
    let shop = world.shop().await;
    let (mut seller, mut buyer) = (
        Determined::signs_up(&shop, PATIENCE).await,
        Determined::signs_up(&shop, PATIENCE).await,
    );
    let begin = OffsetDateTime::now_utc();
    let consumers = world
        .arena()
        .await
        .process(Part::Provider("messaging-jetstream"))
        .await;
    consumers.pause();
    let poison = Uuid::new_v4();
    let strangers = (0..A_DAY * rounds()).map(|number| {
        let (id, ticket) = (Uuid::new_v4(), Uuid::new_v4());
        let event = json!({
            "specversion": "1.0", "id": id, "source": "/ticketing/tickets", "type": "ticket:created", "subject": ticket,
            "time": "2026-01-01T00:00:00Z", "datacontenttype": "application/json",
            "data": { "id": ticket, "version": 0, "title": format!("Number {number}"), "price": 10, "userId": Uuid::nil() },
        });
        Message { id: None, subject: "ticketing.ticket.created".to_owned(), body: event.to_string() }
    });
    let mut backlog: Vec<_> = strangers.collect();
    let place = backlog.len() / 2;
    backlog.insert(
        place,
        Message {
            id: None,
            subject: "ticketing.ticket.created".to_owned(),
            body: format!("poison {poison}"),
        },
    );
    shop.events().publish(backlog).await;
    let ticket = seller.sells("At the end of the queue", 10.0).await;
    consumers.go_on();
    assert_eq!(buyer.buys(&ticket, "pm_card_visa").await, Ending::Bought);
    let reason = shop.events().dead_letter(&poison.to_string()).await;
    assert!(reason.to_lowercase().contains("reason"), "{reason}");
    let orders = Guard::of(&world, "orders").await;
    within(PATIENCE, "a day's events to be handled", async || {
        let known = orders
            .rows("tickets t where title like 'Number %'", "id")
            .await;
        (known.len() >= A_DAY * rounds()).then_some(())
    })
    .await;
    world.arena().await.note("a day of backlog", begin);
    eventually("the shop to be well", async || {
        (shop.visitor().try_get("/healthz").await?.status == 200).then_some(())
    })
    .await;
    world.holds().await;
}
