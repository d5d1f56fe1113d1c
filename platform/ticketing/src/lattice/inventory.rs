//! What a host runs.
use async_nats::Client;

use super::control;

/// Whether a host is up and runs nothing: nobody has told it to, or the order was lost.
pub async fn is_idle(client: &Client, host: &str) -> bool {
    let inventory = control(client).get_host_inventory(host).await;
    inventory
        .ok()
        .and_then(|response| response.into_data())
        .is_some_and(|inventory| {
            inventory.components().is_empty() && inventory.providers().is_empty()
        })
}
