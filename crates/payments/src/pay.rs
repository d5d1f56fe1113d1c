//! A buyer's request to pay: claimed, taken to Stripe, and answered for the card that was sent.

use kit::Database;

use crate::stripe::{Connection, Stripe};
use crate::{ClaimError, Payment, PaymentMethod, Status, drive};

/// Takes what `claim` gives as far as Stripe lets it. Where that is an attempt with another card that somebody else, or an
/// earlier click, had begun, and that card is declined, an attempt with `card` follows: the decline says nothing about it.
///
/// # Errors
/// Those of `claim`, and when the database does not answer.
pub fn pay<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    card: &PaymentMethod,
    claim: impl Fn() -> Result<Option<Payment>, ClaimError>,
) -> Result<Option<Payment>, ClaimError> {
    let Some(claimed) = claim()? else {
        return Ok(None);
    };
    let is_another_card = claimed.payment_method.as_ref() != Some(card);
    let payment = drive(database, stripe, claimed)?;
    if !is_another_card || payment.status != Status::Declined {
        return Ok(Some(payment));
    }
    let claimed = claim()?;
    let driven = claimed.map(|payment| drive(database, stripe, payment));
    Ok(driven.transpose()?)
}
