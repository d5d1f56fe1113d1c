//! Moves events from the services' outbox tables to JetStream: at least once, in order, in batches.
//! A row leaves its table only after the stream has acknowledged the event.
#![forbid(unsafe_code)]

mod cloud_event;
mod config;
mod outbox;
mod provider;
mod publish;
mod refused;
mod relay;
mod tls;
mod watch;

pub use config::{RelayConfig, Source};
pub use provider::run;
pub use relay::Relay;
