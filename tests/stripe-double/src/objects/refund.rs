//! Refund: money of a charge given back, in whole or in part.
//! See <https://docs.stripe.com/api/refunds>.

use super::Metadata;
use crate::wire::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A `re_…`; in the double every refund succeeds at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    pub created: i64,
    pub charge: String,
    pub payment_intent: String,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub reason: Option<String>,
    pub metadata: Metadata,
    /// The idempotency key of the request that made it; none for one made in the dashboard.
    pub idempotency_key: Option<String>,
    /// Whether it was made by hand rather than over the API.
    pub dashboard: bool,
}

impl Row for Refund {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "balance_transaction": null,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "destination_details": { "card": { "type": "refund" }, "type": "card" },
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "receipt_number": null,
            "source_transfer_reversal": null,
            "status": "succeeded",
            "transfer_reversal": null,
        })
    }
}
