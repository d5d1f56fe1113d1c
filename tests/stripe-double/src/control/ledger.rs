//! The ledger: every charge and refund, oldest first, for a test that counts the money at the end.

use super::{Answer, Control};
use crate::store::Origin;
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

/// `GET /_control/ledger`
pub async fn ledger(State(control): State<Control>) -> Answer {
    let ledger = control.api.store.transact(Origin::default(), |tx| {
        let books = tx.books();
        let charges: Vec<Value> = books
            .charges
            .oldest_first()
            .map(|charge| {
                json!({
                    "id": charge.id,
                    "payment_intent": charge.payment_intent,
                    "amount": charge.amount,
                    "currency": charge.currency,
                    "status": charge.status(),
                    "captured_amount": charge.amount_captured(),
                    "refunded_amount": charge.amount_refunded,
                    "disputed": charge.dispute.is_some(),
                    "idempotency_key": charge.idempotency_key,
                    "metadata": charge.metadata,
                    "created": charge.created,
                })
            })
            .collect();
        let refunds: Vec<Value> = books
            .refunds
            .oldest_first()
            .map(|refund| {
                json!({
                    "id": refund.id,
                    "charge": refund.charge,
                    "payment_intent": refund.payment_intent,
                    "amount": refund.amount,
                    "currency": refund.currency,
                    "reason": refund.reason,
                    "source": if refund.dashboard { "dashboard" } else { "api" },
                    "idempotency_key": refund.idempotency_key,
                    "metadata": refund.metadata,
                    "created": refund.created,
                })
            })
            .collect();
        let captured: i64 = books
            .charges
            .oldest_first()
            .map(|charge| charge.amount_captured())
            .sum();
        let refunded: i64 = books
            .refunds
            .oldest_first()
            .map(|refund| refund.amount)
            .sum();
        json!({
            "charges": charges,
            "refunds": refunds,
            "captured_amount": captured,
            "refunded_amount": refunded,
        })
    });
    Ok(Json(ledger.await?))
}
