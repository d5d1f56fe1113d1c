//! How requests and answers look on the wire.
//! Bracket-nested forms in; Stripe's JSON objects, lists and errors out.

mod error;
mod expand;
mod form;
mod list;
mod money;

pub use error::{Stage, StripeError};
pub use expand::expand;
pub use form::Params;
pub use list::{Row, limit, page};
pub use money::display;

/// The API version whose shapes the double speaks.
pub const API_VERSION: &str = "2025-03-31.basil";
