//! `/v1/charges`: the attempts that payment intents made.

use super::Call;
use crate::store::Transaction;
use crate::wire::{Row, StripeError, page};
use serde_json::Value;

/// `GET /v1/charges/:id`
pub fn retrieve(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    match tx.books().charges.get(&call.id) {
        Some(charge) => Ok(charge.json()),
        None => Err(StripeError::missing("charge", &call.id, "charge").status(404)),
    }
}

/// `GET /v1/charges`
pub fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let intent = call.params.text("payment_intent")?;
    let rows = tx.books().charges.newest_first();
    let rows = rows.filter(|charge| intent.is_none_or(|id| charge.payment_intent == id));
    page(rows, "/v1/charges", &call.params, &["payment_intent"])
}
