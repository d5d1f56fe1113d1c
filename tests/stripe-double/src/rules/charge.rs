//! Charging: one attempt on a card, which captures the money or leaves a failed charge.
//! The intent follows: succeeded, or waiting for another payment method.

use super::dispute;
use crate::ids;
use crate::objects::{Charge, Decline, Outcome, PaymentIntent, PaymentMethod, Status};
use crate::store::{Change, Transaction};
use crate::wire::{Row, StripeError};

/// Charges the card behind `method`, authentication being done or not needed.
///
/// # Errors
/// 402 `card_error` when the card was declined.
pub fn charge(
    tx: &mut Transaction<'_>,
    mut intent: PaymentIntent,
    mut method: PaymentMethod,
) -> Result<PaymentIntent, StripeError> {
    let outcome = method
        .card
        .test_card()
        .map_or(Outcome::Approved, |card| card.outcome);
    if let Outcome::Declined(decline) = outcome {
        return Err(declined(tx, intent, method, decline));
    }
    let charge = attempt(tx, &intent, &method, None);
    method.consumed = true;
    intent.payment_method = Some(method.id.clone());
    intent.status = Status::Succeeded;
    intent.amount_received = intent.amount;
    intent.latest_charge = Some(charge.id.clone());
    intent.last_payment_error = None;
    intent.next_action = None;
    tx.record(Change::PaymentMethod(method));
    tx.record(Change::PaymentIntent(intent.clone()));
    tx.emit("payment_intent.succeeded", intent.json());
    if outcome == Outcome::Disputed {
        dispute(tx, &charge, "fraudulent")?;
    }
    Ok(intent)
}

/// Records a refusal: a failed charge, an intent that needs another payment method, and the error that says so.
pub fn declined(
    tx: &mut Transaction<'_>,
    mut intent: PaymentIntent,
    method: PaymentMethod,
    decline: Decline,
) -> StripeError {
    let charge = attempt(tx, &intent, &method, Some(decline));
    let mut error = StripeError::card(decline.code, decline.message)
        .with("charge", charge.id.clone().into())
        .with("payment_method", method.json());
    if let Some(code) = decline.decline_code {
        error = error.with("decline_code", code.into());
    }
    intent.latest_charge = Some(charge.id);
    failed(tx, intent, error)
}

/// Takes the payment method off an intent, keeps `error` as its last one, and tells of it.
pub fn failed(
    tx: &mut Transaction<'_>,
    mut intent: PaymentIntent,
    error: StripeError,
) -> StripeError {
    intent.payment_method = None;
    intent.status = Status::RequiresPaymentMethod;
    intent.next_action = None;
    intent.last_payment_error = Some(error.object());
    let json = intent.json();
    tx.record(Change::PaymentIntent(intent));
    tx.emit("payment_intent.payment_failed", json.clone());
    error.with("payment_intent", json)
}

fn attempt(
    tx: &mut Transaction<'_>,
    intent: &PaymentIntent,
    method: &PaymentMethod,
    decline: Option<Decline>,
) -> Charge {
    let charge = Charge {
        id: ids::new("ch"),
        created: tx.now,
        payment_intent: intent.id.clone(),
        payment_method: method.id.clone(),
        card: method.card.clone(),
        amount: intent.amount,
        currency: intent.currency.clone(),
        description: intent.description.clone(),
        metadata: intent.metadata.clone(),
        amount_refunded: 0,
        dispute: None,
        failure: decline.map(Into::into),
        idempotency_key: tx.origin.idempotency_key.clone(),
    };
    tx.record(Change::Charge(charge.clone()));
    charge
}
