//! What orders does to a ticket: an order that is not cancelled holds it.
//! Events come in any order and more than once; versions decide, and the end is always the same.

use kit::{Database, Event, EventError, OrderCancelled, OrderCompleted, OrderCreated, Value};
use uuid::Uuid;

/// The function and its reasons stand in the service's migrations.
const APPLY_ORDER: &str = "select apply_order($1, $2, $3, $4, $5, $6::text::timestamptz, $7)::text";

/// Handles one event of orders.
///
/// # Errors
/// [`EventError`]: a type that is not ours, data that is malformed, or a database that does not answer.
pub fn handle(database: &impl Database, event: &Event<'_>) -> Result<(), EventError> {
    match event.kind.as_str() {
        "order:created" => {
            let order: OrderCreated = event.data()?;
            let expires_at = order.expires_at.into();
            apply(
                database,
                event,
                order.id,
                order.ticket.id,
                order.version,
                "created",
                expires_at,
            )
        }
        "order:cancelled" => {
            let order: OrderCancelled = event.data()?;
            apply(
                database,
                event,
                order.id,
                order.ticket.id,
                order.version,
                "cancelled",
                Value::Null,
            )
        }
        "order:completed" => {
            let order: OrderCompleted = event.data()?;
            apply(
                database,
                event,
                order.id,
                order.ticket.id,
                order.version,
                "complete",
                Value::Null,
            )
        }
        _ => Err(event.unexpected()),
    }
}

fn apply(
    database: &impl Database,
    event: &Event<'_>,
    order: Uuid,
    ticket: Uuid,
    version: i64,
    status: &str,
    expires_at: Value,
) -> Result<(), EventError> {
    database.query(
        APPLY_ORDER,
        &[
            event.id.into(),
            order.into(),
            ticket.into(),
            version.into(),
            status.into(),
            expires_at,
            event.traceparent.clone().into(),
        ],
    )?;
    Ok(())
}
