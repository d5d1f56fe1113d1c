//! Proves that a ticket shop has kept its promises, from what it has left behind: rows, events, dead letters, Stripe's
//! ledger, and the journal of those who used it. It knows the tables and the events, and shares no code and no SQL with the services.
//!
//! [`check`] waits until the queues are empty, reads everything, and judges. What broke is told with its whole history.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod check;
mod database;
mod evidence;
mod history;
mod journal;
mod places;
pub mod promises;
mod quiet;
mod violation;

pub use check::{Report, check};
pub use database::connect;
pub use evidence::*;
pub use history::history;
pub use journal::{Entry, Journal, Outage};
pub use places::Places;
pub use quiet::{unsettled, wait_for_quiet};
pub use violation::{Promise, Violation};
