//! Dispute: the buyer's bank takes a charge back.
//! See <https://docs.stripe.com/api/disputes>.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A `du_…`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub created: i64,
    pub charge: String,
    pub payment_intent: String,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub reason: String,
}

impl Dispute {
    /// The API's shape.
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "balance_transactions": [],
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "evidence": {},
            "evidence_details": { "due_by": self.created + 9 * 86_400, "has_evidence": false, "past_due": false, "submission_count": 0 },
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": {},
            "payment_intent": self.payment_intent,
            "reason": self.reason,
            "status": "needs_response",
        })
    }
}
