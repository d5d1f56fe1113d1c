//! 3-D Secure: what becomes of an intent when its buyer has authenticated, or has failed to.
//! See <https://docs.stripe.com/payments/3d-secure>.

use super::charge::{charge, failed};
use crate::objects::{PaymentIntent, Status};
use crate::store::Transaction;
use crate::wire::{Row, StripeError};
use serde::Deserialize;

/// How the buyer's authentication ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    Accept,
    Fail,
}

/// Goes on with an intent that waits for its buyer; one that does not is left as it is.
/// Returns the intent as it is then, a decline after authentication included.
///
/// # Errors
/// `resource_missing` for an unknown intent.
pub fn authenticate(
    tx: &mut Transaction<'_>,
    id: &str,
    authentication: Authentication,
) -> Result<PaymentIntent, StripeError> {
    let missing = || StripeError::missing("payment_intent", id, "intent").status(404);
    let intent = tx
        .books()
        .payment_intents
        .get(id)
        .cloned()
        .ok_or_else(missing)?;
    if intent.status != Status::RequiresAction {
        return Ok(intent);
    }
    let method = intent.payment_method.as_deref();
    let method = method
        .and_then(|id| tx.books().payment_methods.get(id))
        .cloned();
    match (authentication, method) {
        (Authentication::Accept, Some(method)) => {
            // A decline shows in the intent; there is no request that it could be the answer to.
            let _ = charge(tx, intent, method);
        }
        (_, method) => {
            let mut error = StripeError::invalid_request(
                "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new \
                 PaymentMethod to attempt to fulfill this PaymentIntent again.",
            )
            .code("payment_intent_authentication_failure");
            if let Some(method) = method {
                error = error.with("payment_method", method.json());
            }
            let _ = failed(tx, intent, error);
        }
    }
    tx.books()
        .payment_intents
        .get(id)
        .cloned()
        .ok_or_else(missing)
}
