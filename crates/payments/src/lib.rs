//! The rules of the payments service, with no WIT in them.
//! Stripe is called outside any lock; before each call and after it one statement records where the payment stands.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod answer;
mod attempt;
mod claim;
mod currency;
mod intent;
mod order;
mod pay;
mod payment;
mod payment_method;
mod reconcile;
mod record;
mod refund;
mod signature;
mod stripe;
mod webhook;

pub use attempt::drive;
pub use claim::{ClaimError, PaymentRequest, claim};
pub use currency::{Currency, CurrencyError};
pub use order::handle;
pub use pay::pay;
pub use payment::{Decline, DeclineKind, Payment, PaymentIntent, Status};
pub use payment_method::PaymentMethod;
pub use reconcile::reconcile;
pub use signature::{SignatureError, Signed, verify};
pub use stripe::{Account, AccountError, Connection, Silence, Stripe};
pub use webhook::{StripeEvent, WebhookError, receive, retry};
