//! What every capability provider of this repository shares: dying with its host, telling its health, taking calls in and
//! letting them finish, telling its links apart, finding those that it was not told of, and going on with traces.
//! Nothing here knows an interface, a link or ticketing.
#![forbid(unsafe_code)]

mod calls;
mod health;
mod host;
mod link_key;
mod links;
pub mod trace;

pub use calls::Calls;
pub use health::Health;
pub use host::exit_with_host;
pub use link_key::LinkKey;
pub use links::ask_for_links;
