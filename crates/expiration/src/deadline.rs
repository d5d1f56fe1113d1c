//! Deadlines: set by a new order, closed by its end. In any order: an end that comes first stays.

use kit::{Event, EventError, Handling, OrderCancelled, OrderCompleted, OrderCreated};
use uuid::Uuid;

const SET: &str = include_str!("../sql/set_deadline.sql");
const CLOSE: &str = include_str!("../sql/close_deadline.sql");

/// What one event of orders comes to.
///
/// # Errors
/// [`EventError`]: a type that is not ours, or data that is malformed.
pub fn handle(event: &Event<'_>) -> Result<Handling, EventError> {
    match event.kind.as_str() {
        "order:created" => {
            let order: OrderCreated = event.data()?;
            let trace = event.traceparent.clone();
            let parameters = vec![order.id.into(), order.expires_at.into(), trace.into()];
            Ok(Handling::of(event, SET, parameters))
        }
        "order:cancelled" => Ok(close(event, event.data::<OrderCancelled>()?.id)),
        "order:completed" => Ok(close(event, event.data::<OrderCompleted>()?.id)),
        _ => Err(event.unexpected()),
    }
}

fn close(event: &Event<'_>, order: Uuid) -> Handling {
    Handling::of(event, CLOSE, vec![order.into()])
}
