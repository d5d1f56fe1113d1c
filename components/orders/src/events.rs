//! Events of tickets, payments and expiration.

use edge::Postgres;
use kit::EventError;

pub fn handle(events: &[&[u8]]) -> Vec<Result<(), EventError>> {
    kit::handle_all(&Postgres, events.iter().copied(), orders_rules::handle)
}
