//! Orders end in time although a message on the way there is lost.
use std::time::Duration;

use e2e::faults::{Determined, Part};
use e2e::within;
use serde_json::Value;
use time::OffsetDateTime;

use crate::World;
use crate::races::until;

e2e::trials!(
    an_order_ends_in_time_though_the_answer_to_a_tick_is_lost,
    an_order_ends_in_time_though_the_word_of_it_is_lost,
);

const PATIENCE: Duration = Duration::from_secs(90);
/// More than one tick of the schedule that ends orders.
const SOME_TICKS: Duration = Duration::from_millis(1200);

/// An order that nobody pays for, and a part that dies with a message about its end in its hands.
struct Forgotten {
    seller: Determined,
    buyer: Determined,
    order: Value,
}

impl Forgotten {
    async fn begins(world: &World) -> Self {
        let shop = world.shop().await;
        let mut seller = Determined::signs_up(&shop, PATIENCE).await;
        let mut buyer = Determined::signs_up(&shop, PATIENCE).await;
        let ticket = seller.sells("Forgotten", 5.0).await;
        let order = buyer.orders(&ticket).await.expect("nobody else wants it");
        Self {
            seller,
            buyer,
            order,
        }
    }

    /// Holds `part` still from shortly before the order's time until `meanwhile` is done, and kills it then. Once the shop
    /// works again it has kept its promises, with the time that this order ended among them.
    async fn ends_in_time(
        mut self,
        world: &World,
        part: Part,
        meanwhile: impl Future<Output = ()>,
    ) {
        let arena = world.arena().await;
        let provider = arena.process(part).await;
        tokio::time::sleep(until(&self.order, -1500)).await;
        let begin = OffsetDateTime::now_utc();
        provider.pause();
        meanwhile.await;
        provider.kill();
        let ticket = self.seller.sells("After that", 5.0).await;
        self.buyer.buys(&ticket, "pm_card_visa").await;
        arena.note(format!("{part} paused and killed"), begin);
        world.holds().await;
    }
}

/// The database's provider dies with a tick's statement in its hands, just before an order's time. Once it is back, the
/// schedule must not wait for that answer any more.
async fn an_order_ends_in_time_though_the_answer_to_a_tick_is_lost(world: World) {
    let forgotten = Forgotten::begins(&world).await;
    let arena = world.arena().await;
    let deadlines = checker::connect(&arena.places().postgres, "expiration")
        .await
        .expect("Postgres answers");
    let id = forgotten.order["id"].as_str().unwrap_or_default();
    within(PATIENCE, "expiration to know the order", async || {
        let rows = deadlines
            .query("select from deadlines where order_id::text = $1", &[&id])
            .await;
        rows.is_ok_and(|rows| !rows.is_empty()).then_some(())
    })
    .await;
    let some_ticks = tokio::time::sleep(SOME_TICKS);
    let part = Part::Provider("sqldb-postgres");
    forgotten.ends_in_time(&world, part, some_ticks).await;
}

/// Messaging dies after the server has sent it the event that ends an order, and before any component has seen it.
async fn an_order_ends_in_time_though_the_word_of_it_is_lost(world: World) {
    let forgotten = Forgotten::begins(&world).await;
    let (shop, order) = (world.shop().await, forgotten.order["id"].clone());
    let told = async {
        let events = shop.events();
        events
            .event_with("expiration:complete", "orderId", &order)
            .await;
    };
    let part = Part::Provider("messaging-jetstream");
    forgotten.ends_in_time(&world, part, told).await;
}
