//! Events of orders.

use edge::Postgres;
use kit::{Event, EventError};

pub fn handle(event: &Event<'_>) -> Result<(), EventError> {
    expiration_rules::handle(&Postgres, event)
}
