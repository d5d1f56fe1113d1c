//! Stripe's books, as its double keeps them.
use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// All charges and refunds, oldest first.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Ledger {
    /// Money taken, and tries to take some.
    pub charges: Vec<Charge>,
    /// Money given back.
    pub refunds: Vec<Refund>,
}

/// A charge to a card.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Charge {
    /// Its id.
    pub id: String,
    /// The PaymentIntent that it belongs to.
    pub payment_intent: String,
    /// In minor units.
    pub amount: i64,
    /// `succeeded` or `failed`.
    pub status: String,
    /// What was taken, in minor units.
    pub captured_amount: i64,
    /// What was given back, in minor units.
    pub refunded_amount: i64,
    /// Whether the card's holder disputes it: then the bank has the money.
    #[serde(default)]
    pub disputed: bool,
    /// What the shop has noted on it.
    #[serde(default)]
    pub metadata: Map<String, Value>,
    /// When, in Unix seconds.
    #[serde(default)]
    pub created: i64,
}

/// A refund.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Refund {
    /// Its id.
    pub id: String,
    /// The charge that it gives back.
    pub charge: String,
    /// The PaymentIntent of that charge.
    pub payment_intent: String,
    /// In minor units.
    pub amount: i64,
    /// `api` when the shop asked for it, `dashboard` when people did.
    pub source: String,
    /// When, in Unix seconds.
    #[serde(default)]
    pub created: i64,
}

impl Charge {
    /// Whether money was taken.
    #[must_use]
    pub fn is_captured(&self) -> bool {
        self.status == "succeeded" && self.captured_amount > 0
    }

    /// The order that the shop has noted on it.
    #[must_use]
    pub fn order(&self) -> Option<&str> {
        self.metadata.get("order_id")?.as_str()
    }
}

impl Ledger {
    pub(super) async fn read(control: &str) -> Result<Self> {
        let reply = reqwest::get(format!("{control}/ledger"))
            .await
            .context("asking for Stripe's ledger")?;
        reply.json().await.context("reading Stripe's ledger")
    }
}
