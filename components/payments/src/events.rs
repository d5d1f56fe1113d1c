//! Events of orders: what can be paid, and what became of a payment.

use edge::Postgres;
use kit::{Event, EventError};

pub fn handle(event: &Event<'_>) -> Result<(), EventError> {
    payments_rules::handle(&Postgres, event)
}
