//! PaymentMethod: a card that can pay.
//! See <https://docs.stripe.com/api/payment_methods>.

use super::{Card, Metadata};
use crate::wire::Row;
use crate::{clock, ids};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A `pm_…`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PaymentMethod {
    pub id: String,
    pub created: i64,
    pub card: Card,
    pub metadata: Metadata,
    /// Set by its first captured charge: without a customer it cannot pay again.
    pub consumed: bool,
}

impl PaymentMethod {
    /// A new payment method for a card.
    pub fn new(card: Card, metadata: Metadata) -> Self {
        Self {
            id: ids::new("pm"),
            created: clock::now(),
            card,
            metadata,
            consumed: false,
        }
    }
}

impl Row for PaymentMethod {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {
                "address": {
                    "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null,
                },
                "email": null,
                "name": null,
                "phone": null,
            },
            "card": self.card.json(),
            "created": self.created,
            "customer": null,
            "livemode": false,
            "metadata": self.metadata,
            "type": "card",
        })
    }
}
