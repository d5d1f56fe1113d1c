//! A service that has lost what it knew of the others hears every event again, and knows it as before.
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use checker::Journal;
use e2e::{Operator, Person, Shop, eventually};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::rows::{QUIET, Rows, are_the_same, at_rest};
use crate::{ORDER_EXPIRATION_SECONDS, World};

e2e::trials!(
    what_each_service_knew_of_the_others_comes_back_as_it_was,
    expiration_comes_back_from_an_empty_database,
    an_emptied_expiration_still_ends_an_open_order,
    hearing_everything_again_changes_nothing,
    a_folder_that_is_not_empty_stops_nobody,
    all_promises_hold_after_that,
    who_hears_no_events_is_named,
);

/// What has happened is enough for all trials.
static HISTORY: OnceCell<()> = OnceCell::const_new();

pub async fn after_much_has_happened(world: &World) -> Rows {
    let shop = world.shop().await;
    HISTORY.get_or_init(|| history(&shop)).await;
    at_rest(world).await
}

/// Every end that a ticket, an order and a payment can have.
async fn history(shop: &Shop) {
    let (seller, buyer, other) = (
        shop.person().await,
        shop.person().await,
        shop.person().await,
    );
    // Runs out while the others happen.
    let forgotten = buyer.orders(&seller.sells("Forgotten", 9.0).await).await;
    let paid = buyer.orders(&seller.sells("Paid", 10.5).await).await;
    buyer
        .tries_to_pay(&paid, "tok_chargeDeclined")
        .await
        .is(402);
    buyer.pays(&paid, "pm_card_visa").await;
    buyer.sees_order(&paid, "complete").await;
    // Given back, and sold to somebody else.
    let passed_on = seller.sells("Passed on", 11.0).await;
    let given_back = buyer.orders(&passed_on).await;
    buyer.delete(&path("orders", &given_back)).await.is(204);
    let bought = eventually("a ticket to be free again", async || {
        let reply = other.tries_to_order(&passed_on).await;
        (reply.status == 201).then(|| reply.json())
    })
    .await;
    other.pays(&bought, "pm_card_visa").await;
    other.sees_order(&bought, "complete").await;
    // Given back, and free.
    let free = seller.sells("Free", 11.0).await;
    let given_back = buyer.orders(&free).await;
    seller.sees_reserved(&free).await;
    buyer.delete(&path("orders", &given_back)).await.is(204);
    seller.sees_free(&free).await;
    // Changed, and withdrawn.
    let edited = seller.sells("Cheap", 12.0).await;
    let dear = json!({ "title": "Dear", "price": 99.5 });
    seller.put(&path("tickets", &edited), &dear).await.is(200);
    let withdrawn = seller.sells("Withdrawn", 13.0).await;
    seller.delete(&path("tickets", &withdrawn)).await.is(204);
    refused(shop, &seller, &buyer).await;
    buyer.sees_order(&forgotten, "cancelled").await;
}

/// A payment that loses against a cancellation: orders has said twice that the order is cancelled, and the money is back.
async fn refused(shop: &Shop, seller: &Person, buyer: &Person) {
    let order = buyer.orders(&seller.sells("Refused", 14.0).await).await;
    buyer
        .tries_to_pay(&order, "tok_chargeDeclined")
        .await
        .is(402);
    let slow = json!({ "when": "before", "delay_ms": 1500 });
    let intents = "/v1/payment_intents*";
    let slow = shop.double().next_goes_wrong("POST", intents, &slow).await;
    futures::join!(buyer.tries_to_pay(&order, "pm_card_visa"), async {
        shop.double().has_gone_wrong(slow).await;
        buyer.delete(&path("orders", &order)).await.is(204);
    });
    shop.events()
        .event_with("payment:refunded", "orderId", &order["id"])
        .await;
}

fn path(kind: &str, what: &Value) -> String {
    format!("/api/{kind}/{}", what["id"].as_str().unwrap_or_default())
}

async fn published(shop: &Shop) -> usize {
    shop.events().catch_up().await;
    shop.events().seen().len()
}

async fn replays(operator: &Operator, service: &str) {
    let said = operator.does(&["replay", service, "--timeout", "60"]).await;
    assert!(said.contains("has handled them all"), "{said}");
}

async fn what_each_service_knew_of_the_others_comes_back_as_it_was(world: World) {
    let (shop, operator) = (world.shop().await, world.operator().await);
    let before = after_much_has_happened(&world).await;
    let told = published(&shop).await;
    for (service, table) in [
        ("tickets", "ticket_orders"),
        ("orders", "tickets"),
        ("payments", "orders"),
    ] {
        world
            .administers(service, &format!("truncate {table}"))
            .await;
        replays(&operator, service).await;
        are_the_same(&before, &at_rest(&world).await);
        assert_eq!(published(&shop).await, told, "{service} has told something");
    }
}

async fn expiration_comes_back_from_an_empty_database(world: World) {
    let operator = world.operator().await;
    let before = after_much_has_happened(&world).await;
    let drop = "drop database ticketing_expiration with (force)";
    world.administers("auth", drop).await;
    let (data, root) = (world.data().await, e2e::repository());
    let path = |path: &std::path::Path| path.display().to_string();
    let place = ["--data-dir", &path(&data), "--root", &path(&root)];
    operator.does(&[&["migrate"], &place[..]].concat()).await;
    replays(&operator, "expiration").await;
    // It has announced again what ended long ago, and orders knew that it had.
    are_the_same(&before, &at_rest(&world).await);
}

async fn an_emptied_expiration_still_ends_an_open_order(world: World) {
    let (shop, operator) = (world.shop().await, world.operator().await);
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("Nobody counts the seconds", 5.0).await;
    let order = buyer.orders(&ticket).await;
    seller.sees_reserved(&ticket).await;
    eventually("expiration to have heard of the order", async || {
        let client = world.database("expiration").await;
        let order = order["id"].as_str()?;
        let text = format!("select from deadlines where order_id = '{order}'");
        client.query_opt(&text, &[]).await.ok()?.map(drop)
    })
    .await;
    world.administers("expiration", "truncate deadlines").await;
    replays(&operator, "expiration").await;
    buyer.sees_order(&order, "cancelled").await;
    seller.sees_free(&ticket).await;
    let cancelled = shop.events().event("order:cancelled", &order["id"]).await;
    let late = seconds_between(&order["expiresAt"], &cancelled["time"]);
    assert!(
        (0.0..2.0).contains(&late),
        "cancelled {late} s after its {ORDER_EXPIRATION_SECONDS} s were over"
    );
}

fn seconds_between(from: &Value, to: &Value) -> f64 {
    let moment = |text: &Value| {
        time::OffsetDateTime::parse(
            text.as_str().unwrap_or_default(),
            &time::format_description::well_known::Rfc3339,
        )
        .unwrap_or_else(|error| panic!("{text} is no time: {error}"))
    };
    (moment(to) - moment(from)).as_seconds_f64()
}

async fn hearing_everything_again_changes_nothing(world: World) {
    let (shop, operator) = (world.shop().await, world.operator().await);
    let before = after_much_has_happened(&world).await;
    let told = published(&shop).await;
    for service in ["tickets", "orders", "payments", "expiration"] {
        replays(&operator, service).await;
    }
    are_the_same(&before, &at_rest(&world).await);
    assert_eq!(published(&shop).await, told);
}

/// nats-server may still write to the folder of a consumer that it deletes. Here somebody else does, until the consumer
/// is back.
async fn a_folder_that_is_not_empty_stops_nobody(world: World) {
    let operator = world.operator().await;
    let before = after_much_has_happened(&world).await;
    let streams = world.data().await.join("nats/jetstream/$G/streams");
    let folder = streams.join("TICKETING/obs/tickets");
    assert!(folder.is_dir(), "{}", folder.display());
    // Dropped when all is over, by a failure, too.
    let still_on = Arc::new(());
    let meddling = tokio::task::spawn_blocking({
        let (folder, still_on) = (folder.clone(), Arc::downgrade(&still_on));
        move || meddle(&folder, || still_on.strong_count() > 0)
    });
    world.administers("tickets", "truncate ticket_orders").await;
    replays(&operator, "tickets").await;
    drop(still_on);
    meddling.await.expect("the files could be written");
    assert!(folder.is_dir(), "a server that starts anew would forget it");
    are_the_same(&before, &at_rest(&world).await);
}

/// Files without an end in the folder of a consumer, until the consumer has been deleted and made again; until all is over,
/// should that be quicker than anybody could see. Many of them, as the server reads the names before it removes the files.
fn meddle(folder: &Path, is_still_on: impl Fn() -> bool) {
    const FILES: usize = 500;
    let files: Vec<PathBuf> = (0..FILES)
        .map(|number| folder.join(format!("meddling-{number}")))
        .collect();
    let made = folder.join("meta.inf");
    let write = |file: &PathBuf| {
        // It fails while there is no folder.
        let _ = fs::write(file, []);
    };
    files.iter().for_each(write);
    let mut turns = files.iter().cycle();
    // Until it is deleted, and then until it is made again.
    for is_made in [true, false] {
        while made.exists() == is_made && is_still_on() {
            turns.by_ref().take(1).for_each(write);
        }
    }
}

async fn all_promises_hold_after_that(world: World) {
    let places = world.places().await;
    let report = checker::check(&places, &Journal::default(), QUIET).await;
    let report = report.expect("the evidence can be read");
    assert!(report.violations.is_empty(), "{report}");
}

async fn who_hears_no_events_is_named(world: World) {
    let said = world.operator().await.is_refused(&["replay", "auth"]).await;
    for word in ["auth", "tickets", "orders", "payments", "expiration"] {
        assert!(said.contains(word), "{said}");
    }
}
