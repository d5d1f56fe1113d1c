//! `/v1/tokens`: card details typed into a page, turned into something a server may see.

use super::Call;
use crate::ids;
use crate::objects::{Card, Token};
use crate::store::{Change, Transaction};
use crate::wire::StripeError;
use serde_json::Value;

/// `POST /v1/tokens`
pub fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    call.params.allow(&["card"])?;
    let Some(card) = call.params.hash("card")? else {
        return Err(StripeError::invalid_param(
            "card",
            "You must supply a card.",
        ));
    };
    let token = Token {
        id: ids::new("tok"),
        created: tx.now,
        card: Card::from_params(card)?,
        used: false,
    };
    tx.record(Change::Token(token.clone()));
    Ok(token.json())
}

/// `GET /v1/tokens/:id`
pub fn retrieve(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    match tx.books().tokens.get(&call.id) {
        Some(token) => Ok(token.json()),
        None => Err(StripeError::missing("token", &call.id, "token").status(404)),
    }
}
