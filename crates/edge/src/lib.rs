//! The edge of every component: WIT on one side, plain types on the other.
//! HTTP, events, schedules, SQL, key-value, passwords, configuration, secrets, traces and logging, each in a file of its own.
#![deny(missing_docs, rust_2018_idioms)]

mod bindings;
mod config;
mod database;
mod events;
mod fetch;
mod http;
mod keyvalue;
mod log;
mod password;
mod schedule;
mod secret;
mod session;
mod stream;
mod trace;
mod wait;

pub use config::{ConfigError, optional, required};
pub use database::Postgres;
pub use fetch::{FetchError, fetch};
pub use keyvalue::Bucket;
pub use log::{error, info, warn};
pub use password::Passwords;
pub use secret::secret;
pub use session::{signed_in, verifier};
pub use wait::{pause, wait_for};

#[doc(hidden)]
pub mod macros {
    pub use crate::bindings::{cron, events};
    pub use crate::events::{handle as handle_event, handle_all as handle_events};
    pub use crate::http::serve;
    pub use crate::schedule::invoke;
    pub use wasip2;
}
