//! Deadlines: set by a new order, closed by its end. In any order: an end that comes first stays.

use kit::{Database, Event, EventError, OrderCancelled, OrderCompleted, OrderCreated};
use uuid::Uuid;

const SET: &str = include_str!("../sql/set_deadline.sql");
const CLOSE: &str = include_str!("../sql/close_deadline.sql");

/// Handles one event of orders.
///
/// # Errors
/// [`EventError`]: a type that is not ours, data that is malformed, or a database that does not answer.
pub fn handle(database: &impl Database, event: &Event<'_>) -> Result<(), EventError> {
    match event.kind.as_str() {
        "order:created" => {
            let order: OrderCreated = event.data()?;
            let trace = event.traceparent.clone();
            database.query(
                SET,
                &[order.id.into(), order.expires_at.into(), trace.into()],
            )?;
            Ok(())
        }
        "order:cancelled" => close(database, event.data::<OrderCancelled>()?.id),
        "order:completed" => close(database, event.data::<OrderCompleted>()?.id),
        _ => Err(event.unexpected()),
    }
}

fn close(database: &impl Database, order: Uuid) -> Result<(), EventError> {
    database.query(CLOSE, &[order.into()])?;
    Ok(())
}
