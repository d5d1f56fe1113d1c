//! Making an attempt: from a claimed payment to an answer of Stripe's that is recorded.
//! Each step can be repeated by anyone, at once or days later, and leads to the same end.

use kit::{Database, SqlError};

use crate::intent::{Outcome, outcome_of};
use crate::stripe::{Connection, Failure, Stripe};
use crate::{Decline, DeclineKind, Payment, Status, record};

/// Takes a payment that was claimed as far as Stripe lets it, and gives how it stands then.
/// What Stripe says nothing about stays [`Status::Pending`], for the reconciler.
///
/// # Errors
/// When the database does not answer. The reconciler finds out then, too.
pub fn drive<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    payment: Payment,
) -> Result<Payment, SqlError> {
    match payment.status {
        Status::Pending => {
            let payment = with_intent(database, stripe, payment)?;
            confirm(database, stripe, payment)
        }
        Status::RequiresAction => look_again(database, stripe, payment),
        _ => Ok(payment),
    }
}

/// Gives the payment a PaymentIntent, and records it before anything can be charged to it.
fn with_intent<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    payment: Payment,
) -> Result<Payment, SqlError> {
    if payment.intent.is_some() {
        return Ok(payment);
    }
    match stripe.create(&payment) {
        Ok(intent) => record::intent(database, &payment, &intent.id),
        // Nothing is charged by a creation, and its key would keep this answer: the next attempt has
        // a key of its own. An intent that was created after all is never confirmed.
        Err(Failure::Outage(_)) => record::decline_of(database, &payment, &could_not_start()),
        Err(failure) => match outcome_of(Err(failure)) {
            Outcome::Declined(decline) => record::decline_of(database, &payment, &decline),
            _ => Ok(payment),
        },
    }
}

/// Confirms the recorded PaymentIntent, unless something newer was recorded in the meantime.
pub(crate) fn confirm<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    payment: Payment,
) -> Result<Payment, SqlError> {
    match &payment.intent {
        Some(intent) if payment.status == Status::Pending => {
            let outcome = outcome_of(stripe.confirm(&payment, &intent.id));
            record::outcome(database, payment, outcome)
        }
        _ => Ok(payment),
    }
}

/// Asks how a PaymentIntent stands whose card had to be authenticated.
pub(crate) fn look_again<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    payment: Payment,
) -> Result<Payment, SqlError> {
    let Some(intent) = &payment.intent else {
        return Ok(payment);
    };
    match stripe.retrieve(&intent.id) {
        Ok(intent) => record::outcome(database, payment, intent.outcome()),
        Err(_) => Ok(payment),
    }
}

pub(crate) fn could_not_start() -> Decline {
    Decline {
        kind: DeclineKind::Outage,
        message: "The payment could not be made and nothing was charged, please try again"
            .to_owned(),
    }
}
