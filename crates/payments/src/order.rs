//! What this service knows of orders: a copy, kept by their events.

use kit::{Event, EventError, Handling, OrderCancelled, OrderCompleted, SqlError, Value};
use serde::Deserialize;
use uuid::Uuid;

/// The function and its reasons stand in the service's migrations.
const APPLY_ORDER: &str =
    "select apply_order($1, $2, $3, $4, $5, $6, $7::text::timestamptz) as applied";

/// `order:created`, with what a payment needs of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OrderCreated {
    id: Uuid,
    version: i64,
    user_id: Uuid,
    expires_at: String,
    ticket: Ticket,
}

#[derive(Deserialize)]
struct Ticket {
    price: serde_json::Value,
}

/// What one event of orders comes to.
///
/// # Errors
/// [`EventError`]: a type that is not ours, or data that is malformed.
pub fn handle(event: &Event<'_>) -> Result<Handling, EventError> {
    match event.kind.as_str() {
        "order:created" => {
            let order: OrderCreated = event.data()?;
            let price = kit::parse_price(&order.ticket.price)
                .map_err(|error| EventError::Invalid(error.to_string()))?;
            let facts = [order.user_id.into(), price.into(), order.expires_at.into()];
            Ok(apply(event, order.id, order.version, "created", facts))
        }
        "order:cancelled" => {
            let order: OrderCancelled = event.data()?;
            Ok(apply(event, order.id, order.version, "cancelled", UNKNOWN))
        }
        "order:completed" => {
            let order: OrderCompleted = event.data()?;
            Ok(apply(event, order.id, order.version, "complete", UNKNOWN))
        }
        _ => Err(event.unexpected()),
    }
}

/// Buyer, price and expiry, which only `order:created` tells.
const UNKNOWN: [Value; 3] = [Value::Null, Value::Null, Value::Null];

fn apply(
    event: &Event<'_>,
    order: Uuid,
    version: i64,
    status: &str,
    [buyer, price, expires_at]: [Value; 3],
) -> Handling {
    let parameters = vec![
        event.id.into(),
        order.into(),
        version.into(),
        status.into(),
        buyer,
        price,
        expires_at,
    ];
    Handling::of(event, APPLY_ORDER, parameters).if_it(|answer| match answer {
        Ok(_) => Ok(()),
        // Class 22, data exception: no delivery will make a moment of this text.
        Err(SqlError::Failed(reason)) if reason.starts_with("22") => {
            Err(EventError::Invalid(reason))
        }
        Err(error) => Err(error.into()),
    })
}
