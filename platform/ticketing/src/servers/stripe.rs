//! The Stripe double: everything of Stripe that the shop uses, without money.
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use super::beside;
use crate::data::Data;
use crate::process::Program;
use crate::settings::Keys;

/// What payments acts on; docs/operations.md tells operators to choose the same in Stripe's dashboard.
const EVENTS: &str = "payment_intent.succeeded,payment_intent.payment_failed,payment_intent.canceled,\
                      charge.refunded,charge.dispute.created";

/// The double's program; it calls back the shop at `shop`.
///
/// # Errors
/// When it has not been built.
pub fn program(data: &Data, address: &str, shop: &str, keys: &Keys) -> Result<Program> {
    Ok(Program::new("stripe-double", beside("stripe-double")?)
        .args(["--listen", address])
        .args(["--publishable-key", &keys.publishable])
        .args(["--webhook-url", &format!("{shop}/api/payments/webhook")])
        .args(["--webhook-event", EVENTS])
        // Everybody on the machine sees arguments.
        .env("STRIPE_DOUBLE_SECRET_KEY", &keys.secret)
        .env("STRIPE_DOUBLE_WEBHOOK_SECRET", &keys.webhook)
        .arg("--data")
        .arg(data.stripe())
        .stopped_by(Signal::TERM, Duration::from_secs(3)))
}
