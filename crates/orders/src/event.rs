//! Which event is handled by which rule.

use kit::{Database, Event, EventError};

use crate::{expire, payment, ticket};

/// Handles one event of another service.
///
/// # Errors
/// [`EventError`]: a type that is not ours, data that is malformed, or a database that does not answer.
pub fn handle(database: &impl Database, event: &Event<'_>) -> Result<(), EventError> {
    match event.kind.as_str() {
        "ticket:created" | "ticket:updated" | "ticket:deleted" => ticket::apply(database, event),
        "payment:created" => payment::settle(database, event),
        "expiration:complete" => expire::expire(database, event),
        _ => Err(event.unexpected()),
    }
}
