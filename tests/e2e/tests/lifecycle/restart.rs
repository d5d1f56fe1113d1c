//! Stopping, and starting again on the same data.
use e2e::Person;
use serde_json::Value;

use crate::{World, setup};

e2e::trials!(
    a_second_up_finds_yesterdays_tickets_and_orders,
    an_order_that_ran_out_meanwhile_is_cancelled_at_once
);

async fn restart(world: &World) {
    world
        .with(async |lattice| {
            lattice.stop().await?;
            lattice.start_again(&setup()).await
        })
        .await
        .unwrap_or_else(|error| panic!("{error:?}"));
}

fn path(order: &Value) -> String {
    format!("/api/orders/{}", order["id"].as_str().unwrap_or_default())
}

async fn a_second_up_finds_yesterdays_tickets_and_orders(world: World) {
    let shop = world.shop().await;
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let (kept, sold) = (
        seller.sells("Kept", 5.0).await,
        seller.sells("Sold", 6.0).await,
    );
    let order = buyer.orders(&sold).await;
    buyer.pays(&order, "pm_card_visa").await;
    let complete = buyer.sees_order(&order, "complete").await;
    let credentials = seller.credentials();
    restart(&world).await;

    let shop = world.shop().await;
    let seller_again = shop.visitor();
    let user = seller_again
        .post("/api/users/signin", &credentials)
        .await
        .is(200);
    assert_eq!(user["id"], seller.id);
    let ticket = format!("/api/tickets/{}", kept["id"].as_str().unwrap_or_default());
    assert_eq!(seller_again.get(&ticket).await.is(200), kept);
    let buyer_again: Person = shop.visitor();
    // Yesterday's session is still one: the keys are kept with the data.
    buyer_again
        .jar()
        .set("session", buyer.jar().value("session").unwrap_or_default());
    assert_eq!(buyer_again.get(&path(&order)).await.is(200), complete);
    let somebody = shop.person().await;
    assert_eq!(somebody.orders(&kept).await["ticket"]["id"], kept["id"]);
}

async fn an_order_that_ran_out_meanwhile_is_cancelled_at_once(world: World) {
    let shop = world.shop().await;
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("Runs out while nobody is there", 5.0).await;
    let order = buyer.orders(&ticket).await;
    shop.events().event("order:created", &order["id"]).await;
    let credentials = buyer.credentials();
    restart(&world).await;

    let shop = world.shop().await;
    let buyer = shop.visitor();
    buyer.post("/api/users/signin", &credentials).await.is(200);
    buyer.sees_order(&order, "cancelled").await;
    let seller = shop.person().await;
    seller.sees_free(&ticket).await;
}
