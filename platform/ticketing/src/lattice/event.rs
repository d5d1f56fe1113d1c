//! The event that a host sends when it stops, sent for one that could not: wadm then knows at once that nothing runs
//! there any more, and starts all of it again when the host is back.
use std::time::Duration;

use async_nats::Client;
use serde_json::json;
use tokio::time::timeout;
use uuid::Uuid;

use super::LATTICE;

/// When NATS is down, too, its restart takes longer than this wait is worth.
const PATIENCE: Duration = Duration::from_secs(2);

/// Announces that the host `id` has stopped.
pub async fn host_stopped(client: &Client, id: &str) {
    let event = json!({
        "specversion": "1.0",
        "id": Uuid::new_v4().to_string(),
        "source": id,
        "type": "com.wasmcloud.lattice.host_stopped",
        "datacontenttype": "application/json",
        "data": { "labels": {} },
    });
    let send = async {
        let subject = format!("wasmbus.evt.{LATTICE}.host_stopped");
        client.publish(subject, event.to_string().into()).await?;
        client.flush().await?;
        anyhow::Ok(())
    };
    match timeout(PATIENCE, send).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => eprintln!("cannot tell wadm that a host has stopped: {error:#}"),
        Err(_) => eprintln!("cannot tell wadm that a host has stopped: NATS does not answer"),
    }
}
