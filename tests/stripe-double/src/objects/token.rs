//! Token: a card typed into a browser, good for one payment method.
//! See <https://docs.stripe.com/api/tokens>.

use super::Card;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A `tok_…` made from card details. The fixed test tokens are not kept; they can be used any number of times.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    pub id: String,
    pub created: i64,
    pub card: Card,
    /// Set by its first use, which is the last.
    pub used: bool,
}

impl Token {
    /// The API's shape.
    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "object": "token",
            "card": self.card.json(),
            "client_ip": "127.0.0.1",
            "created": self.created,
            "livemode": false,
            "type": "card",
            "used": self.used,
        })
    }
}
