//! Events of orders: a ticket is reserved, sold, or free again.

use edge::Postgres;
use kit::{Event, EventError};

pub fn handle(event: &Event<'_>) -> Result<(), EventError> {
    tickets_rules::handle(&Postgres, event)
}
