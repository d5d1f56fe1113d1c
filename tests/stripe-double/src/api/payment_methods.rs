//! `/v1/payment_methods`: cards that can pay.

use super::{Call, metadata};
use crate::objects::{Card, Metadata, PaymentMethod, TestCard};
use crate::rules::card_of;
use crate::store::{Change, Transaction};
use crate::wire::{Row, StripeError, page};
use serde_json::Value;

/// `POST /v1/payment_methods`
pub fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let params = &call.params;
    params.allow(&[
        "type",
        "card",
        "billing_details",
        "metadata",
        "allow_redisplay",
    ])?;
    params.required("type")?;
    params.one_of("type", &["card"])?;
    let mut own = Metadata::new();
    metadata::merge(&mut own, params)?;
    let method = PaymentMethod::new(card_of(tx, params)?, own);
    tx.record(Change::PaymentMethod(method.clone()));
    Ok(method.json())
}

/// `GET /v1/payment_methods/:id`
pub fn retrieve(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    if let Some(method) = tx.books().payment_methods.get(&call.id) {
        return Ok(method.json());
    }
    match TestCard::by_payment_method(&call.id) {
        Some(card) => Ok(PaymentMethod {
            id: call.id.clone(),
            ..PaymentMethod::new(Card::of_test(card), Metadata::new())
        }
        .json()),
        None => Err(StripeError::missing("PaymentMethod", &call.id, "payment_method").status(404)),
    }
}

/// `GET /v1/payment_methods`
pub fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let rows = tx.books().payment_methods.newest_first();
    page(
        rows,
        "/v1/payment_methods",
        &call.params,
        &["expand", "type"],
    )
}
