//! Charge: one attempt to take money, captured or failed.
//! See <https://docs.stripe.com/api/charges>.

use super::{Card, Decline, Metadata};
use crate::wire::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A `ch_…`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Charge {
    pub id: String,
    pub created: i64,
    pub payment_intent: String,
    pub payment_method: String,
    pub card: Card,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub description: Option<String>,
    pub metadata: Metadata,
    /// Minor units given back so far.
    pub amount_refunded: i64,
    pub dispute: Option<String>,
    /// Why it failed; a charge without it is captured.
    pub failure: Option<Failure>,
    /// The idempotency key of the request that made it.
    pub idempotency_key: Option<String>,
}

/// Why a charge failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Failure {
    code: String,
    decline_code: Option<String>,
    message: String,
}

impl From<Decline> for Failure {
    fn from(decline: Decline) -> Self {
        Self {
            code: decline.code.to_owned(),
            decline_code: decline.decline_code.map(str::to_owned),
            message: decline.message.to_owned(),
        }
    }
}

impl Charge {
    /// Minor units taken from the buyer, refunds not counted.
    pub fn amount_captured(&self) -> i64 {
        if self.failure.is_none() {
            self.amount
        } else {
            0
        }
    }

    /// Minor units that can still be given back.
    pub fn refundable(&self) -> i64 {
        self.amount_captured() - self.amount_refunded
    }

    /// Stripe's word.
    pub fn status(&self) -> &'static str {
        if self.failure.is_none() {
            "succeeded"
        } else {
            "failed"
        }
    }
}

impl Row for Charge {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self) -> Value {
        let failure = self.failure.as_ref();
        let captured = failure.is_none();
        json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": self.amount_captured(),
            "amount_refunded": self.amount_refunded,
            "balance_transaction": null,
            "captured": captured,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "description": self.description,
            "dispute": self.dispute,
            "disputed": self.dispute.is_some(),
            "failure_code": failure.map(|failure| &failure.code),
            "failure_message": failure.map(|failure| &failure.message),
            "livemode": false,
            "metadata": self.metadata,
            "outcome": {
                "network_status": if captured { "approved_by_network" } else { "declined_by_network" },
                "reason": failure.and_then(|failure| failure.decline_code.as_ref()),
                "risk_level": "normal",
                "seller_message": if captured { "Payment complete." } else { "The bank did not approve the payment." },
                "type": if captured { "authorized" } else { "issuer_declined" },
            },
            "paid": captured,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": { "card": self.card.json(), "type": "card" },
            "receipt_email": null,
            "receipt_url": null,
            "refunded": captured && self.refundable() == 0,
            "status": self.status(),
        })
    }
}
