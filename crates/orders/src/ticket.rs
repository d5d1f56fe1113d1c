//! What this service knows of tickets: a copy, kept by their events.

use kit::{Event, EventError, Handling};
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

/// What `ticket:created`, `ticket:updated` and `ticket:deleted` come to.
pub(crate) fn apply(event: &Event<'_>) -> Result<Handling, EventError> {
    let ticket: Ticket = event.data()?;
    let price =
        kit::parse_price(&ticket.price).map_err(|error| EventError::Invalid(error.to_string()))?;
    let deleted = event.kind == "ticket:deleted";
    let parameters = vec![
        event.id.into(),
        ticket.id.into(),
        ticket.version.into(),
        ticket.title.into(),
        price.into(),
        deleted.into(),
        event.traceparent.clone().into(),
    ];
    Ok(Handling::of(event, APPLY_TICKET, parameters))
}
