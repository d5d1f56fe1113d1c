//! A reservation has run out.

use kit::{Database, Event, EventError};
use serde::Deserialize;
use uuid::Uuid;

const EXPIRE: &str = include_str!("../sql/expire.sql");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpirationComplete {
    order_id: Uuid,
}

/// Handles `expiration:complete`: an order that is not paid for is cancelled.
pub(crate) fn expire(database: &impl Database, event: &Event<'_>) -> Result<(), EventError> {
    let ExpirationComplete { order_id } = event.data()?;
    database.query(
        EXPIRE,
        &[
            event.id.into(),
            order_id.into(),
            event.traceparent.clone().into(),
        ],
    )?;
    Ok(())
}
