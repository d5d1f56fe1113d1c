//! Invokes components on a schedule, once for each tick in the whole lattice.
//! Which instance does it is decided tick by tick in a NATS key-value bucket.
#![forbid(unsafe_code)]

mod bindings;
mod component;
mod config;
mod ledger;
mod provider;
mod schedule;
mod scheduled;
mod ticker;

pub use config::CronConfig;
pub use ledger::{Claim, Ledger, LedgerError, key};
pub use provider::run;
pub use schedule::{Schedule, Tick};
pub use scheduled::Scheduled;
pub use ticker::Ticker;
