//! Recording where a payment stands, after Stripe has answered. The functions and the races that each
//! of them decides stand in the service's migrations.

use kit::{Database, SqlError, Value};

use crate::intent::Outcome;
use crate::payment::columns;
use crate::{Decline, Payment};

macro_rules! step {
    ($call:literal) => {
        concat!("select ", columns!(), " from ", $call)
    };
}

/// Records the PaymentIntent `stripe_id` for the payment's attempt, before it is confirmed.
pub(crate) fn intent(
    database: &impl Database,
    payment: &Payment,
    stripe_id: &str,
) -> Result<Payment, SqlError> {
    const SQL: &str = step!("record_intent($1, $2, $3)");
    run(
        database,
        SQL,
        &[payment.id.into(), payment.attempt.into(), stripe_id.into()],
    )
}

/// Records what became of the payment's attempt. What comes back is how the payment stands then, which
/// may be something newer.
pub(crate) fn outcome(
    database: &impl Database,
    payment: Payment,
    outcome: Outcome,
) -> Result<Payment, SqlError> {
    match outcome {
        Outcome::Succeeded { stripe_id } => {
            const SQL: &str = step!("record_success($1, $2)");
            run(database, SQL, &[payment.id.into(), stripe_id.into()])
        }
        Outcome::RequiresAction {
            client_secret,
            redirect_url,
        } => {
            const SQL: &str = step!("record_action($1, $2, $3, $4)");
            let (id, attempt) = (payment.id.into(), payment.attempt.into());
            run(
                database,
                SQL,
                &[id, attempt, client_secret.into(), redirect_url.into()],
            )
        }
        Outcome::Declined(decline) => decline_of(database, &payment, &decline),
        Outcome::Canceled => cancellation(database, &payment),
        Outcome::Open => Ok(payment),
    }
}

/// Records that the payment's attempt failed.
pub(crate) fn decline_of(
    database: &impl Database,
    payment: &Payment,
    decline: &Decline,
) -> Result<Payment, SqlError> {
    const SQL: &str = step!("record_decline($1, $2, $3, $4, $5)");
    let parameters = [
        payment.id.into(),
        payment.attempt.into(),
        stripe_id(payment),
        decline.kind.as_str().into(),
        decline.message.as_str().into(),
    ];
    run(database, SQL, &parameters)
}

/// Records that the payment's PaymentIntent takes no money any more, or that it never had one.
pub(crate) fn cancellation(
    database: &impl Database,
    payment: &Payment,
) -> Result<Payment, SqlError> {
    const SQL: &str = step!("record_cancellation($1, $2)");
    run(database, SQL, &[payment.id.into(), stripe_id(payment)])
}

/// Records that the money is back.
pub(crate) fn refund(
    database: &impl Database,
    payment: &Payment,
    reason: &str,
) -> Result<Payment, SqlError> {
    const SQL: &str = step!("record_refund($1, $2)");
    run(database, SQL, &[payment.id.into(), reason.into()])
}

fn stripe_id(payment: &Payment) -> Value {
    payment
        .intent
        .as_ref()
        .map(|intent| intent.id.as_str())
        .into()
}

fn run(
    database: &impl Database,
    statement: &str,
    parameters: &[Value],
) -> Result<Payment, SqlError> {
    Payment::read(&database.query_one(statement, parameters)?)
}
