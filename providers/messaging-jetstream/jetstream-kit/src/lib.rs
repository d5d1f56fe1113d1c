//! What every provider that speaks JetStream shares: its streams, its dead letters, its connection and
//! its way of reading configuration. Nothing here knows a component.
#![forbid(unsafe_code)]

mod backoff;
mod connection;
mod dead_letter;
mod observability;
mod settings;
mod stream;

pub use backoff::{Backoff, doubled};
pub use connection::{Connection, JetStream};
pub use dead_letter::{DeadLetter, DeadLetterError};
pub use observability::{FlushGuard, init_observability};
pub use settings::{ConfigError, Settings};
pub use stream::{
    DEAD_LETTER_SUBJECT, StreamError, ensure_dead_letters, ensure_events, subject_prefix,
};
