//! Events of tickets, payments and expiration.

use edge::Postgres;
use kit::{Event, EventError};

pub fn handle(event: &Event<'_>) -> Result<(), EventError> {
    orders_rules::handle(&Postgres, event)
}
