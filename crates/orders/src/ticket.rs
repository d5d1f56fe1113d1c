//! What this service knows of tickets: a copy, kept by their events.

use kit::{Database, Event, EventError};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// The function and its reasons stand in the service's migrations.
const APPLY_TICKET: &str = "select apply_ticket($1, $2, $3, $4, $5, $6, $7)::text";

#[derive(Deserialize)]
struct Ticket {
    id: Uuid,
    version: i64,
    title: String,
    price: Value,
}

/// Handles `ticket:created`, `ticket:updated` and `ticket:deleted`.
pub(crate) fn apply(database: &impl Database, event: &Event<'_>) -> Result<(), EventError> {
    let ticket: Ticket = event.data()?;
    let price =
        kit::parse_price(&ticket.price).map_err(|error| EventError::Invalid(error.to_string()))?;
    let deleted = event.kind == "ticket:deleted";
    database.query(
        APPLY_TICKET,
        &[
            event.id.into(),
            ticket.id.into(),
            ticket.version.into(),
            ticket.title.into(),
            price.into(),
            deleted.into(),
            event.traceparent.clone().into(),
        ],
    )?;
    Ok(())
}
