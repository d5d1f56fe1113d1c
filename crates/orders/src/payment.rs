//! A payment was captured. orders is the arbiter: it completes the order, or answers that it is gone,
//! and then payments gives the money back.

use kit::{Database, Event, EventError, SqlError};
use serde::Deserialize;
use uuid::Uuid;

/// The function and its reasons stand in the service's migrations.
const SETTLE: &str = "select settle_payment($1, $2, $3) as known";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentCreated {
    order_id: Uuid,
}

/// Handles `payment:created`.
pub(crate) fn settle(database: &impl Database, event: &Event<'_>) -> Result<(), EventError> {
    let PaymentCreated { order_id } = event.data()?;
    let row = database.query_one(
        SETTLE,
        &[
            event.id.into(),
            order_id.into(),
            event.traceparent.clone().into(),
        ],
    )?;
    if row.bool("known")? {
        return Ok(());
    }
    // Nobody can pay for an order that was never made: one that is restored from a backup may still come.
    Err(SqlError::Failed(format!(
        "a payment for order {order_id}, which is not known yet"
    ))
    .into())
}
