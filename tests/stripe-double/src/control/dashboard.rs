//! What people do by hand: refund and dispute in the dashboard, authenticate at the bank.

use super::{Answer, Control};
use crate::objects::Charge;
use crate::rules::{self, Authentication, RefundOrder};
use crate::store::{Books, Origin};
use crate::wire::{Row, StripeError};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefundRequest {
    payment_intent: String,
    /// Minor units; all that is left when not given.
    amount: Option<i64>,
    reason: Option<String>,
}

/// `POST /_control/dashboard/refunds`
pub async fn refund(State(control): State<Control>, Json(request): Json<RefundRequest>) -> Answer {
    let order = RefundOrder {
        amount: request.amount,
        reason: request.reason,
        dashboard: true,
        ..RefundOrder::default()
    };
    let refund = control
        .api
        .store
        .transact(Origin::default(), |tx| {
            let charge = charge_of(tx.books(), &request.payment_intent)?;
            rules::refund(tx, charge, order)
        })
        .await??;
    Ok(Json(refund.json()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisputeRequest {
    payment_intent: String,
    /// `fraudulent` when not given.
    reason: Option<String>,
}

/// `POST /_control/dashboard/disputes`
pub async fn dispute(
    State(control): State<Control>,
    Json(request): Json<DisputeRequest>,
) -> Answer {
    let reason = request.reason.as_deref().unwrap_or("fraudulent");
    let dispute = control
        .api
        .store
        .transact(Origin::default(), |tx| {
            let charge = charge_of(tx.books(), &request.payment_intent)?;
            rules::dispute(tx, &charge, reason)
        })
        .await??;
    Ok(Json(dispute.json()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationRequest {
    payment_intent: String,
    authentication: Authentication,
}

/// `POST /_control/dashboard/authentications`
pub async fn authenticate(
    State(control): State<Control>,
    Json(request): Json<AuthenticationRequest>,
) -> Answer {
    let intent = control
        .api
        .store
        .transact(Origin::default(), |tx| {
            rules::authenticate(tx, &request.payment_intent, request.authentication)
        })
        .await??;
    Ok(Json(intent.json()))
}

fn charge_of(books: &Books, intent: &str) -> Result<Charge, StripeError> {
    let missing = || StripeError::missing("payment_intent", intent, "payment_intent").status(404);
    let intent = books.payment_intents.get(intent).ok_or_else(missing)?;
    let charge = intent
        .latest_charge
        .as_deref()
        .and_then(|id| books.charges.get(id));
    charge.cloned().ok_or_else(missing)
}
