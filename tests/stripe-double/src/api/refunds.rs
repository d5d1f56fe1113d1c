//! `/v1/refunds`: giving money back.
//! What may be given back is in `rules`.

use super::{Call, metadata};
use crate::objects::{Charge, Metadata};
use crate::rules::{self, RefundOrder};
use crate::store::Transaction;
use crate::wire::{Params, Row, StripeError, page};
use serde_json::Value;

/// `POST /v1/refunds`
pub fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let params = &call.params;
    params.allow(&["payment_intent", "charge", "amount", "reason", "metadata"])?;
    let amount = params.integer("amount")?;
    let reason = params.one_of(
        "reason",
        &["duplicate", "fraudulent", "requested_by_customer"],
    )?;
    let mut own = Metadata::new();
    metadata::merge(&mut own, params)?;
    let order = RefundOrder {
        amount,
        reason: reason.map(str::to_owned),
        metadata: own,
        dashboard: false,
    };
    let charge = charge_to_refund(tx, params)?;
    Ok(rules::refund(tx, charge, order)?.json())
}

/// `GET /v1/refunds/:id`
pub fn retrieve(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    match tx.books().refunds.get(&call.id) {
        Some(refund) => Ok(refund.json()),
        None => Err(StripeError::missing("refund", &call.id, "id").status(404)),
    }
}

/// `GET /v1/refunds`
pub fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let (intent, charge) = (
        call.params.text("payment_intent")?,
        call.params.text("charge")?,
    );
    let rows = tx.books().refunds.newest_first().filter(|refund| {
        intent.is_none_or(|id| refund.payment_intent == id)
            && charge.is_none_or(|id| refund.charge == id)
    });
    page(
        rows,
        "/v1/refunds",
        &call.params,
        &["payment_intent", "charge"],
    )
}

fn charge_to_refund(tx: &Transaction<'_>, params: &Params) -> Result<Charge, StripeError> {
    let books = tx.books();
    if let Some(id) = params.text("charge")? {
        let charge = books.charges.get(id).cloned();
        return charge.ok_or_else(|| StripeError::missing("charge", id, "charge").status(404));
    }
    let Some(id) = params.text("payment_intent")?.filter(|id| !id.is_empty()) else {
        return Err(StripeError::invalid_request(
            "One of the following params should be provided for this request: payment_intent or charge.",
        )
        .unstored());
    };
    let missing = || StripeError::missing("payment_intent", id, "payment_intent").status(404);
    let intent = books.payment_intents.get(id).ok_or_else(missing)?;
    let charge = intent
        .latest_charge
        .as_deref()
        .and_then(|id| books.charges.get(id));
    charge
        .filter(|charge| charge.failure.is_none())
        .cloned()
        .ok_or_else(|| {
            StripeError::invalid_request(format!(
                "This PaymentIntent ({id}) does not have a successful charge to refund."
            ))
        })
}
