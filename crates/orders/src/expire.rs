//! A reservation has run out.

use kit::{Event, EventError, Handling};
use serde::Deserialize;
use uuid::Uuid;

const EXPIRE: &str = include_str!("../sql/expire.sql");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ExpirationComplete {
    order_id: Uuid,
}

/// What `expiration:complete` comes to: an order that is not paid for is cancelled.
pub(crate) fn expire(event: &Event<'_>) -> Result<Handling, EventError> {
    let ExpirationComplete { order_id } = event.data()?;
    let parameters = vec![
        event.id.into(),
        order_id.into(),
        event.traceparent.clone().into(),
    ];
    Ok(Handling::of(event, EXPIRE, parameters))
}
