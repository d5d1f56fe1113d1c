//! Messages that can never be handled.
use serde_json::json;
use uuid::Uuid;

use crate::World;

e2e::trials!(
    a_message_that_is_no_event_ends_as_a_dead_letter_and_blocks_nothing,
    an_event_without_its_fields_ends_as_a_dead_letter,
);

async fn a_message_that_is_no_event_ends_as_a_dead_letter_and_blocks_nothing(world: World) {
    let shop = world.shop().await;
    let needle = Uuid::new_v4().to_string();
    shop.events()
        .inject(
            "ticketing.ticket.created",
            &format!("not an event {needle}"),
        )
        .await;
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("Behind the rubble", 12.0).await;
    buyer.orders(&ticket).await;
    let headers = shop.events().dead_letter(&needle).await;
    assert!(headers.to_lowercase().contains("reason"), "{headers}");
}

async fn an_event_without_its_fields_ends_as_a_dead_letter(world: World) {
    let shop = world.shop().await;
    let id = Uuid::new_v4().to_string();
    let event = json!({
        "specversion": "1.0", "id": id, "source": "/ticketing/orders", "type": "order:created", "subject": id,
        "time": "2026-01-01T00:00:00Z", "datacontenttype": "application/json", "data": {},
    });
    shop.events()
        .inject("ticketing.order.created", &event.to_string())
        .await;
    let headers = shop.events().dead_letter(&id).await;
    assert!(headers.to_lowercase().contains("reason"), "{headers}");
}
