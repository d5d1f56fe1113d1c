//! Events of orders: what can be paid, and what became of a payment.

use edge::Postgres;
use kit::EventError;

pub fn handle(events: &[&[u8]]) -> Vec<Result<(), EventError>> {
    kit::handle_all(&Postgres, events.iter().copied(), payments_rules::handle)
}
