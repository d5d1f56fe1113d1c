//! Events of orders: a ticket is reserved, sold, or free again.

use edge::Postgres;
use kit::EventError;

pub fn handle(events: &[&[u8]]) -> Vec<Result<(), EventError>> {
    kit::handle_all(&Postgres, events.iter().copied(), tickets_rules::handle)
}
