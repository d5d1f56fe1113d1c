//! Cancelling: an intent that will take no more money.
//! See <https://docs.stripe.com/api/payment_intents/cancel>.

use super::unexpected_state;
use crate::objects::{PaymentIntent, Status};
use crate::store::{Change, Transaction};
use crate::wire::{Row, StripeError};

/// Cancels an intent that has not reached its end.
///
/// # Errors
/// `payment_intent_unexpected_state` when it has.
pub fn cancel(
    tx: &mut Transaction<'_>,
    mut intent: PaymentIntent,
    reason: Option<&str>,
) -> Result<PaymentIntent, StripeError> {
    if intent.status.is_final() {
        let message = format!(
            "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with one of the \
             following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, \
             requires_action, processing.",
            intent.status.word()
        );
        return Err(unexpected_state(&intent, message));
    }
    intent.status = Status::Canceled;
    intent.canceled_at = Some(tx.now);
    intent.cancellation_reason = reason.map(str::to_owned);
    intent.next_action = None;
    tx.record(Change::PaymentIntent(intent.clone()));
    tx.emit("payment_intent.canceled", intent.json());
    Ok(intent)
}
