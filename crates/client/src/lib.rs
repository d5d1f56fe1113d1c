//! The rules of serving a single-page app that was embedded at compile time, with no WIT in them.
//! Which file a path means, in which encoding, for how long it may be kept, and what it may do.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod caching;
mod card_form;
mod content_type;
mod early_data;
mod encoding;
mod security;
mod serve;
mod site;

pub use card_form::CardForm;
pub use security::harden;
pub use serve::serve;
pub use site::{Asset, Site};
