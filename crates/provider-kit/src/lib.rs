//! What every capability provider of this repository shares: dying with its host, and telling its health.
//! Nothing here knows an interface, a link or ticketing.
#![forbid(unsafe_code)]

mod health;
mod host;

pub use health::Health;
pub use host::exit_with_host;
