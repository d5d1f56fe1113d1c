//! A request as an endpoint sees it.
//! Authentication, routing and idempotency are over by then.

use crate::store::Transaction;
use crate::wire::{Params, StripeError};
use serde_json::Value;

/// An endpoint: what it does to the books, and what it answers with 200.
pub type Endpoint = fn(&mut Transaction<'_>, &Call) -> Result<Value, StripeError>;

/// Path id and parameters.
pub struct Call {
    /// The id in the path; empty where the path has none.
    pub id: String,
    /// Query and body together.
    pub params: Params,
}
