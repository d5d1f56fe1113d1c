//! Refunding: never more than was captured, never from a disputed charge.
//! See <https://docs.stripe.com/api/refunds/create>.

use crate::ids;
use crate::objects::{Charge, Metadata, Refund};
use crate::store::{Change, Transaction};
use crate::wire::{Row, StripeError, display};

/// What is to be refunded.
#[derive(Default)]
pub struct RefundOrder {
    /// Minor units; all that is left when not given.
    pub amount: Option<i64>,
    pub reason: Option<String>,
    pub metadata: Metadata,
    /// Made by hand rather than over the API.
    pub dashboard: bool,
}

/// Refunds a charge, in whole or in part.
///
/// # Errors
/// 400: `charge_already_refunded`, `charge_disputed`, or an amount below 1 or above what is left.
pub fn refund(
    tx: &mut Transaction<'_>,
    mut charge: Charge,
    order: RefundOrder,
) -> Result<Refund, StripeError> {
    if order.amount.is_some_and(|amount| amount < 1) {
        return Err(StripeError::invalid_param(
            "amount",
            "Invalid positive integer",
        ));
    }
    let id = &charge.id;
    if charge.failure.is_some() {
        return Err(StripeError::invalid_request(format!(
            "Charge {id} is not a successful charge; it cannot be refunded."
        )));
    }
    if charge.dispute.is_some() {
        let message = format!("Charge {id} has been charged back; cannot issue a refund.");
        return Err(StripeError::invalid_request(message).code("charge_disputed"));
    }
    let left = charge.refundable();
    if left == 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(StripeError::invalid_request(message).code("charge_already_refunded"));
    }
    let amount = order.amount.unwrap_or(left);
    if amount > left {
        let what = if left == charge.amount {
            "charge amount"
        } else {
            "unrefunded amount on charge"
        };
        let message = format!(
            "Refund amount ({}) is greater than {what} ({})",
            display(amount, &charge.currency),
            display(left, &charge.currency)
        );
        return Err(StripeError::invalid_request(message).param("amount"));
    }
    charge.amount_refunded += amount;
    let refund = Refund {
        id: ids::new("re"),
        created: tx.now,
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        amount,
        currency: charge.currency.clone(),
        reason: order.reason,
        metadata: order.metadata,
        idempotency_key: tx.origin.idempotency_key.clone(),
        dashboard: order.dashboard,
    };
    tx.record(Change::Charge(charge.clone()));
    tx.record(Change::Refund(refund.clone()));
    tx.emit("charge.refunded", charge.json());
    tx.emit("refund.created", refund.json());
    Ok(refund)
}
