//! Which event is handled by which rule.

use kit::{Event, EventError, Handling};

use crate::{expire, payment, ticket};

/// What one event of another service comes to.
///
/// # Errors
/// [`EventError`]: a type that is not ours, or data that is malformed.
pub fn handle(event: &Event<'_>) -> Result<Handling, EventError> {
    match event.kind.as_str() {
        "ticket:created" | "ticket:updated" | "ticket:deleted" => ticket::apply(event),
        "payment:created" => payment::settle(event),
        "expiration:complete" => expire::expire(event),
        _ => Err(event.unexpected()),
    }
}
