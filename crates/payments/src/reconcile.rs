//! The reconciler: asks Stripe about everything that is not final. Whatever a crash, a lost answer or a
//! lost webhook left behind, it is found here.

use std::time::{Duration, Instant};

use kit::{Database, SqlError};

use crate::intent::outcome_of;
use crate::stripe::{Connection, Stripe};
use crate::{Payment, Status, attempt, record, refund, webhook};

const TAKE_DUE_PAYMENT: &str = include_str!("../sql/take_due_payment.sql");
const ANNOUNCE_AGAIN: &str = "select announce_again($1) as announced";

/// How long one run goes on taking payments. A run that is cut off loses nothing.
const RUN: Duration = Duration::from_secs(5);

/// How often an attempt is asked about before the buyer may try another card: a little over a minute.
const PATIENCE: i64 = 3;

struct Due {
    payment: Payment,
    /// Whether the order can still be paid.
    open: bool,
    /// How often it was looked at since it last changed, this time included.
    checks: i64,
}

/// Handles what is due: payments that are not final, and events of Stripe's that had to wait.
///
/// # Errors
/// When the database does not answer.
pub fn reconcile<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
) -> Result<(), SqlError> {
    let started = Instant::now();
    webhook::retry(database)?;
    while let Some(due) = take_due(database)? {
        settle(database, stripe, due)?;
        if started.elapsed() > RUN {
            break;
        }
    }
    Ok(())
}

fn take_due(database: &impl Database) -> Result<Option<Due>, SqlError> {
    let rows = database.query(TAKE_DUE_PAYMENT, &[])?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let checks = row.int("checks")?.ok_or(SqlError::NoRow)?;
    Ok(Some(Due {
        payment: Payment::read(row)?,
        open: row.bool("open")?,
        checks,
    }))
}

fn settle<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    due: Due,
) -> Result<(), SqlError> {
    let Due {
        payment,
        open,
        checks,
    } = due;
    match payment.status {
        Status::Pending if open => resume(database, stripe, payment, checks),
        Status::RequiresAction if open => attempt::look_again(database, stripe, payment).map(drop),
        Status::Pending | Status::RequiresAction | Status::Declined if !open => {
            close(database, stripe, payment)
        }
        Status::Succeeded => {
            let row = database.query_one(ANNOUNCE_AGAIN, &[payment.id.into()])?;
            if row.bool("announced")? {
                stripe.report(&format!(
                    "payment {} has no answer of orders yet, told again",
                    payment.id
                ));
            }
            Ok(())
        }
        Status::Refunding => refund::refund(database, stripe, &payment),
        _ => Ok(()),
    }
}

/// An attempt whose end nobody recorded. First how the intent stands: the key of the confirmation may
/// keep an outage for its answer. Then the confirmation again, under the same key.
fn resume<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    payment: Payment,
    checks: i64,
) -> Result<(), SqlError> {
    let Some(intent) = &payment.intent else {
        return attempt::drive(database, stripe, payment).map(drop);
    };
    if let Ok(found) = stripe.retrieve(&intent.id)
        && (found.is_final() || found.requires_action())
    {
        return record::outcome(database, payment, found.outcome()).map(drop);
    }
    let payment = attempt::confirm(database, stripe, payment)?;
    if payment.status == Status::Pending && checks >= PATIENCE {
        // Another card may be tried. Should this confirmation come through after all: an intent captures
        // once, so the next one is answered that it has succeeded.
        record::decline_of(database, &payment, &attempt::could_not_start())?;
    }
    Ok(())
}

/// The order cannot be paid any more: its intent must not take money, and if it has, that is recorded.
fn close<C: Connection>(
    database: &impl Database,
    stripe: &Stripe<C>,
    payment: Payment,
) -> Result<(), SqlError> {
    let Some(intent) = &payment.intent else {
        // Never confirmed, since an intent is recorded before it is.
        return record::cancellation(database, &payment).map(drop);
    };
    let outcome = outcome_of(stripe.cancel(&intent.id));
    let outcome = if outcome.is_final() {
        outcome
    } else {
        // Refused or not heard: what counts is how it stands.
        outcome_of(stripe.retrieve(&intent.id))
    };
    if outcome.is_final() {
        record::outcome(database, payment, outcome)?;
    }
    Ok(())
}
