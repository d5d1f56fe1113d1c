//! PaymentIntent: one wish to be paid, through however many attempts it takes.
//! See <https://docs.stripe.com/api/payment_intents> and <https://docs.stripe.com/payments/paymentintents/lifecycle>.

use super::Metadata;
use crate::wire::Row;
use crate::{clock, ids};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Where a payment intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Succeeded,
    Canceled,
}

impl Status {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Canceled => "canceled",
        }
    }

    /// Whether nothing can change any more but metadata.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled)
    }
}

/// A `pi_…`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentIntent {
    pub id: String,
    pub client_secret: String,
    /// Seconds since the epoch.
    pub created: i64,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub status: Status,
    /// Minor units; the amount once it has succeeded.
    pub amount_received: i64,
    pub payment_method: Option<String>,
    pub latest_charge: Option<String>,
    /// The error object of the last failed attempt.
    pub last_payment_error: Option<Value>,
    /// What the buyer has to do while the status is `requires_action`.
    pub next_action: Option<Value>,
    /// Whether the account's payment methods, and which of them by redirect, are accepted; `None` for plain cards.
    pub automatic_payment_methods: Option<AutomaticPaymentMethods>,
    pub return_url: Option<String>,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub canceled_at: Option<i64>,
    pub cancellation_reason: Option<String>,
}

/// `automatic_payment_methods`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutomaticPaymentMethods {
    /// False for `allow_redirects=never`.
    pub redirects: bool,
}

impl PaymentIntent {
    /// A new one that asks for `amount` minor units and has no payment method yet.
    pub fn new(amount: i64, currency: &str) -> Self {
        let id = ids::new("pi");
        Self {
            client_secret: format!("{id}_secret_{}", ids::random(25)),
            id,
            created: clock::now(),
            amount,
            currency: currency.to_owned(),
            status: Status::RequiresPaymentMethod,
            amount_received: 0,
            payment_method: None,
            latest_charge: None,
            last_payment_error: None,
            next_action: None,
            automatic_payment_methods: None,
            return_url: None,
            description: None,
            metadata: Metadata::new(),
            canceled_at: None,
            cancellation_reason: None,
        }
    }
}

impl Row for PaymentIntent {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self) -> Value {
        let automatic = self.automatic_payment_methods.map(|methods| {
            let allow_redirects = if methods.redirects { "always" } else { "never" };
            json!({ "allow_redirects": allow_redirects, "enabled": true })
        });
        json!({
            "id": self.id,
            "object": "payment_intent",
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_details": { "tip": {} },
            "amount_received": self.amount_received,
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": automatic,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": "automatic_async",
            "client_secret": self.client_secret,
            "confirmation_method": "automatic",
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "description": self.description,
            "last_payment_error": self.last_payment_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "metadata": self.metadata,
            "next_action": self.next_action,
            "on_behalf_of": null,
            "payment_method": self.payment_method,
            "payment_method_options": { "card": { "request_three_d_secure": "automatic" } },
            "payment_method_types": ["card"],
            "processing": null,
            "receipt_email": null,
            "review": null,
            "setup_future_usage": null,
            "shipping": null,
            "source": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": null,
            "status": self.status.word(),
            "transfer_data": null,
            "transfer_group": null,
        })
    }
}
