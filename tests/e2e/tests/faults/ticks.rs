//! What a schedule does when one of its calls is never answered.
use std::time::Duration;

use e2e::faults::{Determined, Part};
use e2e::within;
use time::OffsetDateTime;

use crate::World;
use crate::races::until;

e2e::trials!(an_order_ends_in_time_though_the_answer_to_a_tick_is_lost);

const PATIENCE: Duration = Duration::from_secs(90);
/// More than one tick of the schedule that ends orders.
const SOME_TICKS: Duration = Duration::from_millis(1200);

/// The database's provider dies with a tick's statement in its hands, just before an order's time. Once it is back, the
/// schedule must not wait for that answer any more.
async fn an_order_ends_in_time_though_the_answer_to_a_tick_is_lost(world: World) {
    let (shop, arena) = (world.shop().await, world.arena().await);
    let mut seller = Determined::signs_up(&shop, PATIENCE).await;
    let mut buyer = Determined::signs_up(&shop, PATIENCE).await;
    let ticket = seller.sells("Forgotten", 5.0).await;
    let order = buyer.orders(&ticket).await.expect("nobody else wants it");
    let id = order["id"].as_str().unwrap_or_default();
    let deadlines = checker::connect(&arena.places().postgres, "expiration")
        .await
        .expect("Postgres answers");
    within(PATIENCE, "expiration to know the order", async || {
        let rows = deadlines
            .query("select from deadlines where order_id::text = $1", &[&id])
            .await;
        rows.is_ok_and(|rows| !rows.is_empty()).then_some(())
    })
    .await;
    let provider = arena.process(Part::Provider("sqldb-postgres")).await;
    tokio::time::sleep(until(&order, -1500)).await;
    let begin = OffsetDateTime::now_utc();
    provider.pause();
    tokio::time::sleep(SOME_TICKS).await;
    provider.kill();
    let ticket = seller.sells("After that", 5.0).await;
    buyer.buys(&ticket, "pm_card_visa").await;
    arena.note("sqldb-postgres paused and killed", begin);
    world.holds().await;
}
