//! Stripe's API, as far as the shop uses it. Every request can be repeated: one that must not have its
//! effect twice carries an idempotency key, and the rest have none that matters.

mod account;
mod connection;
mod failure;

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

pub use account::{Account, AccountError};
pub use connection::{Connection, Silence};
pub(crate) use failure::{Failure, Refusal};

use crate::Payment;
use crate::intent::Intent;

/// How long to wait before each repetition while Stripe is still busy with the same request of
/// another caller's. About as long as a slow card takes.
const BUSY_PAUSES: [Duration; 5] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1600),
];

/// A refund. <https://docs.stripe.com/api/refunds/object>
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Refund {
    /// `succeeded`, `pending`, `failed`, `canceled`.
    pub status: String,
}

type Form = Vec<(&'static str, String)>;

/// Stripe, through a connection.
pub struct Stripe<C> {
    account: Account,
    connection: C,
}

impl<C: Connection> Stripe<C> {
    /// The account's API, reached over `connection`.
    pub fn new(account: Account, connection: C) -> Self {
        Self {
            account,
            connection,
        }
    }

    /// Creates the PaymentIntent of the payment's attempt, without confirming it: no money moves yet.
    pub(crate) fn create(&self, payment: &Payment) -> Result<Intent, Failure> {
        let mut form: Form = vec![
            ("amount", payment.amount.to_string()),
            ("currency", payment.currency.clone()),
            ("payment_method_types[]", "card".to_owned()),
            ("metadata[order_id]", payment.order_id.to_string()),
            ("metadata[payment_id]", payment.id.to_string()),
        ];
        form.extend(card(payment));
        let key = payment.idempotency_key("create", payment.attempt);
        self.ask(Method::POST, "/v1/payment_intents", &form, Some(&key))
    }

    /// Confirms the payment's PaymentIntent with the attempt's card: this is what captures the money,
    /// once at most for an intent.
    pub(crate) fn confirm(&self, payment: &Payment, intent_id: &str) -> Result<Intent, Failure> {
        let created_now = payment
            .intent
            .as_ref()
            .is_some_and(|intent| intent.created_by_attempt == payment.attempt);
        // The attempt that created the intent has given it its card already.
        let form = if created_now {
            Form::new()
        } else {
            card(payment)
        };
        let key = payment.idempotency_key("confirm", payment.attempt);
        self.ask(
            Method::POST,
            &format!("/v1/payment_intents/{intent_id}/confirm"),
            &form,
            Some(&key),
        )
    }

    /// How a PaymentIntent stands.
    pub(crate) fn retrieve(&self, intent_id: &str) -> Result<Intent, Failure> {
        self.ask(
            Method::GET,
            &format!("/v1/payment_intents/{intent_id}"),
            &Form::new(),
            None,
        )
    }

    /// Makes sure that a PaymentIntent takes no money any more. Refused when it has taken it.
    pub(crate) fn cancel(&self, intent_id: &str) -> Result<Intent, Failure> {
        self.ask(
            Method::POST,
            &format!("/v1/payment_intents/{intent_id}/cancel"),
            &Form::new(),
            None,
        )
    }

    /// Gives back all that is left of a payment. Stripe never gives back more than was captured, so a
    /// second one under another key is refused.
    pub(crate) fn refund(&self, payment: &Payment, intent_id: &str) -> Result<Refund, Failure> {
        let form = vec![
            ("payment_intent", intent_id.to_owned()),
            ("metadata[order_id]", payment.order_id.to_string()),
            ("metadata[payment_id]", payment.id.to_string()),
        ];
        let key = payment.idempotency_key("refund", payment.refund_attempt);
        self.ask(Method::POST, "/v1/refunds", &form, Some(&key))
    }

    /// Tells operators of something that they should look at.
    pub(crate) fn report(&self, trouble: &str) {
        self.connection.report(trouble);
    }

    fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        form: &Form,
        key: Option<&str>,
    ) -> Result<T, Failure> {
        let request = self.account.request(&method, path, form, key);
        let mut pauses = BUSY_PAUSES.iter();
        let answer = loop {
            match self.connection.send(&request) {
                Ok(answer) if answer.status() == 409 => match pauses.next() {
                    Some(pause) => self.connection.pause(*pause),
                    None => {
                        break Err(Failure::Silence(
                            "still busy with the same request".to_owned(),
                        ));
                    }
                },
                Ok(answer) => break failure::read(&answer),
                Err(Silence(reason)) => break Err(Failure::Silence(reason)),
            }
        };
        if let Err(Failure::Outage(reason) | Failure::Silence(reason)) = &answer {
            self.connection
                .report(&format!("Stripe: {method} {path}: {reason}"));
        }
        answer
    }
}

fn card(payment: &Payment) -> Form {
    payment
        .payment_method
        .as_ref()
        .map(|method| method.parameters())
        .unwrap_or_default()
}
