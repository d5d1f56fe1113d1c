//! What orders does to a ticket: an order that is not cancelled holds it.
//! Events come in any order and more than once; versions decide, and the end is always the same.

use kit::{Event, EventError, Handling, OrderCancelled, OrderCompleted, OrderCreated, Value};
use uuid::Uuid;

/// The function and its reasons stand in the service's migrations.
const APPLY_ORDER: &str = "select apply_order($1, $2, $3, $4, $5, $6::text::timestamptz, $7)::text";

/// What one event of orders comes to.
///
/// # Errors
/// [`EventError`]: a type that is not ours, or data that is malformed.
pub fn handle(event: &Event<'_>) -> Result<Handling, EventError> {
    match event.kind.as_str() {
        "order:created" => {
            let order: OrderCreated = event.data()?;
            let ids = (order.id, order.ticket.id);
            let expires_at = order.expires_at.into();
            Ok(apply(event, ids, order.version, "created", expires_at))
        }
        "order:cancelled" => {
            let order: OrderCancelled = event.data()?;
            let ids = (order.id, order.ticket.id);
            Ok(apply(event, ids, order.version, "cancelled", Value::Null))
        }
        "order:completed" => {
            let order: OrderCompleted = event.data()?;
            let ids = (order.id, order.ticket.id);
            Ok(apply(event, ids, order.version, "complete", Value::Null))
        }
        _ => Err(event.unexpected()),
    }
}

fn apply(
    event: &Event<'_>,
    (order, ticket): (Uuid, Uuid),
    version: i64,
    status: &str,
    expires_at: Value,
) -> Handling {
    let parameters = vec![
        event.id.into(),
        order.into(),
        ticket.into(),
        version.into(),
        status.into(),
        expires_at,
        event.traceparent.clone().into(),
    ];
    Handling::of(event, APPLY_ORDER, parameters)
}
