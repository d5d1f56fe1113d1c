//! A payment was captured. orders is the arbiter: it completes the order, or answers that it is gone,
//! and then payments gives the money back.

use kit::{Event, EventError, Handling, SqlError};
use serde::Deserialize;
use uuid::Uuid;

/// The function and its reasons stand in the service's migrations.
const SETTLE: &str = "select settle_payment($1, $2, $3) as known";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentCreated {
    order_id: Uuid,
}

/// What `payment:created` comes to.
pub(crate) fn settle(event: &Event<'_>) -> Result<Handling, EventError> {
    let PaymentCreated { order_id } = event.data()?;
    let parameters = vec![
        event.id.into(),
        order_id.into(),
        event.traceparent.clone().into(),
    ];
    Ok(
        Handling::of(event, SETTLE, parameters).if_it(move |answer| {
            if answer?.first().ok_or(SqlError::NoRow)?.bool("known")? {
                return Ok(());
            }
            // Nobody can pay for an order that was never made: one that is restored from a backup may still come.
            Err(SqlError::Failed(format!(
                "a payment for order {order_id}, which is not known yet"
            ))
            .into())
        }),
    )
}
