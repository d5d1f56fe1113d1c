//! Stripe's endpoints, from the HTTP request to the HTTP answer.
//! `pipeline` is the way that every request takes; the other files are the endpoints.

mod auth;
mod call;
mod charges;
mod cors;
mod events;
mod faults;
mod idempotency;
mod metadata;
mod payment_intents;
mod payment_methods;
mod pipeline;
mod refunds;
mod requests;
mod routes;
mod search_query;
mod tokens;

pub use auth::ApiKeys;
pub use call::Call;
pub use faults::Fault;
pub use pipeline::{Api, DropConnection, serve};
