//! Giving the money back: asked of Stripe until it says that it is done.

use kit::{Database, SqlError};

use crate::stripe::{Connection, Failure, Refusal, Stripe};
use crate::{Payment, record};

/// Counts a refund as failed, so that the next has a key of its own. Two hosts: the first counts.
const NEXT_REFUND: &str =
    "update payments set refund_attempt = refund_attempt + 1 where id = $1 and refund_attempt = $2";

/// Why the shop gives money back by itself.
const REASON: &str = "order_cancelled";

/// Refunds a payment whose refund is recorded as begun.
pub(crate) fn refund<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    payment: &Payment,
) -> Result<(), SqlError> {
    let Some(intent) = &payment.intent else {
        return Ok(());
    };
    match stripe.refund(payment, &intent.id) {
        Ok(refund) if matches!(refund.status.as_str(), "succeeded" | "pending") => {
            record::refund(database, payment, REASON)?;
        }
        Err(Failure::Refused(refusal)) if is_done(&refusal) => {
            record::refund(database, payment, REASON)?;
        }
        // The key keeps this answer. Another key cannot give the money back twice: Stripe refuses to
        // give back more than was captured.
        Ok(_) | Err(Failure::Outage(_)) => {
            database.query(
                NEXT_REFUND,
                &[payment.id.into(), payment.refund_attempt.into()],
            )?;
        }
        Err(Failure::Refused(refusal)) => {
            let code = refusal
                .code
                .unwrap_or_else(|| format!("status {}", refusal.status));
            stripe.report(&format!(
                "Stripe refuses to refund payment {}: {code}",
                payment.id
            ));
            database.query(
                NEXT_REFUND,
                &[payment.id.into(), payment.refund_attempt.into()],
            )?;
        }
        Err(Failure::Silence(_)) => {}
    }
    Ok(())
}

fn is_done(refusal: &Refusal) -> bool {
    refusal.code.as_deref() == Some("charge_already_refunded")
}
