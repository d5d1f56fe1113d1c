//! What Stripe does with money, apart from HTTP: each rule takes the open books and changes them.
//! A refusal that left a trace (a declined charge) is an error whose changes stay.

mod authenticate;
mod cancel;
mod charge;
mod confirm;
mod dispute;
mod payment_source;
mod refund;

pub use authenticate::{Authentication, authenticate};
pub use cancel::cancel;
pub use confirm::{Confirmation, check_return_url, confirm};
pub use dispute::dispute;
pub use payment_source::{SOURCE_PARAMS, card_of, payment_source};
pub use refund::{RefundOrder, refund};

use crate::objects::PaymentIntent;
use crate::wire::{Row, StripeError};

/// `payment_intent_unexpected_state`, with the intent as it is.
fn unexpected_state(intent: &PaymentIntent, message: impl Into<String>) -> StripeError {
    StripeError::invalid_request(message)
        .code("payment_intent_unexpected_state")
        .with("payment_intent", intent.json())
}
