//! A test double of Stripe's API: the same requests, states, errors, idempotency and webhooks, on loopback.
//! `Double::start` embeds one in a test; the binary of the same name runs one as a process.
#![forbid(unsafe_code)]

mod api;
mod clock;
mod config;
mod control;
mod double;
mod ids;
mod objects;
mod rules;
mod server;
mod store;
mod three_d_secure;
mod webhooks;
mod wire;

pub use config::Config;
pub use double::{Double, StartError};
pub use store::JournalError;
pub use webhooks::{Retry, sign};
