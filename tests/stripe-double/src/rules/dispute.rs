//! Disputing: the buyer's bank takes a captured charge back.
//! See <https://docs.stripe.com/disputes>.

use crate::ids;
use crate::objects::{Charge, Dispute};
use crate::store::{Change, Transaction};
use crate::wire::StripeError;

/// Opens a dispute over all of a charge.
///
/// # Errors
/// 400 when there is nothing to take back or it is being taken back already.
pub fn dispute(
    tx: &mut Transaction<'_>,
    charge: &Charge,
    reason: &str,
) -> Result<Dispute, StripeError> {
    if charge.refundable() == 0 || charge.dispute.is_some() {
        return Err(StripeError::invalid_request(format!(
            "Charge {} cannot be disputed.",
            charge.id
        )));
    }
    let dispute = Dispute {
        id: ids::new("du"),
        created: tx.now,
        charge: charge.id.clone(),
        payment_intent: charge.payment_intent.clone(),
        amount: charge.refundable(),
        currency: charge.currency.clone(),
        reason: reason.to_owned(),
    };
    let mut charge = charge.clone();
    charge.dispute = Some(dispute.id.clone());
    tx.record(Change::Charge(charge));
    tx.record(Change::Dispute(dispute.clone()));
    tx.emit("charge.dispute.created", dispute.json());
    Ok(dispute)
}
