//! What Stripe tells of its own accord: recorded before it is acknowledged, then reflected in the payment.

use kit::{ApiError, Database, SqlError, Value};
use serde::Deserialize;
use thiserror::Error;
use uuid::Uuid;

use crate::Signed;

const RECORD: &str = include_str!("../sql/record_webhook.sql");
const TAKE_WAITING: &str = include_str!("../sql/take_webhooks.sql");

/// An event of Stripe's. <https://docs.stripe.com/api/events/object>
#[derive(Clone, Debug, Deserialize)]
pub struct StripeEvent {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    data: Data,
}

#[derive(Clone, Debug, Default, Deserialize)]
struct Data {
    #[serde(default)]
    object: serde_json::Value,
}

/// Why an event is not taken.
#[derive(Debug, Error)]
pub enum WebhookError {
    /// Signed, but no event.
    #[error("The body must be an event of Stripe's")]
    Malformed,
    /// Signed too long ago.
    #[error("The signature is too old")]
    Stale,
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] SqlError),
}

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Malformed | WebhookError::Stale => Self::bad_request(error.to_string()),
            WebhookError::Database(error) => error.into(),
        }
    }
}

/// What an event means for a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reflection {
    Succeeded {
        intent: String,
        tie: Tie,
        amount: i64,
        currency: String,
    },
    Failed {
        intent: String,
        payment: Option<Uuid>,
    },
    Canceled {
        intent: String,
        payment: Option<Uuid>,
    },
    Refunded {
        intent: String,
        payment: Option<Uuid>,
        amount: i64,
        full: bool,
    },
    Disputed {
        intent: String,
        reason: Option<String>,
    },
    /// Nothing that the shop acts on.
    Nothing,
}

/// The metadata that we gave the PaymentIntent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Tie {
    payment: Option<Uuid>,
    order: Option<Uuid>,
}

/// Records an event, and reflects it unless it was delivered before. Once it is recorded it is never
/// lost: what cannot be reflected now is tried again by [`retry`].
///
/// # Errors
/// [`WebhookError`].
pub fn receive(database: &impl Database, signed: Signed<'_>) -> Result<(), WebhookError> {
    let event: StripeEvent =
        serde_json::from_slice(signed.body).map_err(|_| WebhookError::Malformed)?;
    let body = std::str::from_utf8(signed.body).map_err(|_| WebhookError::Malformed)?;
    let parameters = [
        event.id.as_str().into(),
        event.kind.as_str().into(),
        Value::Json(body.to_owned()),
        signed.at.into(),
    ];
    let row = database
        .query_one(RECORD, &parameters)
        .map_err(|error| match error {
            // Class 22, data exception: JSON with text that cannot be stored, such as a zero character.
            SqlError::Failed(reason) if reason.starts_with("22") => WebhookError::Malformed,
            error => error.into(),
        })?;
    if !row.bool("fresh")? {
        return Err(WebhookError::Stale);
    }
    if row.bool("new")? {
        // It is recorded: whether this works or not, Stripe need not send it again.
        let _ = reflect(database, &event);
    }
    Ok(())
}

/// Reflects the events that could not be reflected before, for example because the payment that they
/// are about was not here yet.
///
/// # Errors
/// When the database does not answer.
pub fn retry(database: &impl Database) -> Result<(), SqlError> {
    for row in database.query(TAKE_WAITING, &[])? {
        let payload = row.text("payload")?.unwrap_or_default();
        if let Ok(event) = serde_json::from_str::<StripeEvent>(payload) {
            reflect(database, &event)?;
        }
    }
    Ok(())
}

macro_rules! reflecting {
    ($call:literal) => {
        concat!(
            "with reflected as materialized (select ",
            $call,
            " as done) update webhook_events set handled_at = now() from reflected where id = $1 and done"
        )
    };
}

/// One statement: the payment's step, and that the event is handled.
fn reflect(database: &impl Database, event: &StripeEvent) -> Result<(), SqlError> {
    let id = event.id.as_str().into();
    match event.reflection() {
        Reflection::Succeeded {
            intent,
            tie: Tie { payment, order },
            amount,
            currency,
        } => database.query(
            reflecting!("reflect_success($2, $3, $4, $5, $6)"),
            &[
                id,
                intent.into(),
                payment.into(),
                order.into(),
                amount.into(),
                currency.into(),
            ],
        ),
        Reflection::Failed { intent, payment } => database.query(
            reflecting!("reflect_failure($2, $3)"),
            &[id, intent.into(), payment.into()],
        ),
        Reflection::Canceled { intent, payment } => database.query(
            reflecting!("reflect_cancellation($2, $3)"),
            &[id, intent.into(), payment.into()],
        ),
        Reflection::Refunded {
            intent,
            payment,
            amount,
            full,
        } => database.query(
            reflecting!("reflect_refund($2, $3, $4, $5)"),
            &[
                id,
                intent.into(),
                payment.into(),
                amount.into(),
                full.into(),
            ],
        ),
        Reflection::Disputed { intent, reason } => database.query(
            reflecting!("reflect_dispute($2, $3)"),
            &[id, intent.into(), reason.into()],
        ),
        Reflection::Nothing => database.query(reflecting!("true"), &[id]),
    }?;
    Ok(())
}

impl StripeEvent {
    /// An event whose object has not the shape that its type promises means nothing.
    fn reflection(&self) -> Reflection {
        self.read_object().unwrap_or(Reflection::Nothing)
    }

    fn read_object(&self) -> Option<Reflection> {
        let object = &self.data.object;
        let text = |name: &str| {
            object
                .get(name)
                .and_then(|value| value.as_str())
                .map(str::to_owned)
        };
        let metadata = |name: &str| {
            object
                .get("metadata")?
                .get(name)?
                .as_str()?
                .parse::<Uuid>()
                .ok()
        };
        let tie = Tie {
            payment: metadata("payment_id"),
            order: metadata("order_id"),
        };
        let payment = tie.payment;
        Some(match self.kind.as_str() {
            "payment_intent.succeeded" => Reflection::Succeeded {
                intent: text("id")?,
                tie,
                amount: object
                    .get("amount")?
                    .as_i64()
                    .filter(|amount| *amount > 0)?,
                currency: text("currency")?,
            },
            "payment_intent.payment_failed" => Reflection::Failed {
                intent: text("id")?,
                payment,
            },
            "payment_intent.canceled" => Reflection::Canceled {
                intent: text("id")?,
                payment,
            },
            "charge.refunded" => Reflection::Refunded {
                intent: text("payment_intent")?,
                payment,
                amount: object.get("amount_refunded")?.as_i64()?,
                full: object.get("refunded")?.as_bool()?,
            },
            "charge.dispute.created" => Reflection::Disputed {
                intent: text("payment_intent")?,
                reason: text("reason"),
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn reflection(kind: &str, object: serde_json::Value) -> Reflection {
        let event = json!({ "id": "evt_1", "type": kind, "data": { "object": object } });
        serde_json::from_value::<StripeEvent>(event)
            .unwrap()
            .reflection()
    }

    #[test]
    fn a_success_is_tied_to_its_payment_by_the_metadata_too() {
        let payment = Uuid::from_u128(7);
        let object = json!({
            "id": "pi_1", "amount": 500, "currency": "usd", "metadata": { "payment_id": payment, "order_id": "x" },
        });
        let tie = Tie {
            payment: Some(payment),
            order: None,
        };
        let (intent, currency) = ("pi_1".to_owned(), "usd".to_owned());
        let expected = Reflection::Succeeded {
            intent,
            tie,
            amount: 500,
            currency,
        };
        assert_eq!(reflection("payment_intent.succeeded", object), expected);
    }

    #[test]
    fn a_refund_in_part_is_not_a_refund_in_full() {
        let object = json!({ "payment_intent": "pi_1", "amount_refunded": 5, "refunded": false });
        let intent = "pi_1".to_owned();
        let expected = Reflection::Refunded {
            intent,
            payment: None,
            amount: 5,
            full: false,
        };
        assert_eq!(reflection("charge.refunded", object), expected);
    }

    #[test]
    fn other_types_and_malformed_objects_mean_nothing() {
        assert_eq!(
            reflection("customer.created", json!({})),
            Reflection::Nothing
        );
        assert_eq!(
            reflection("charge.refunded", json!({ "payment_intent": null })),
            Reflection::Nothing
        );
        assert_eq!(
            reflection(
                "payment_intent.succeeded",
                json!({ "id": 7, "metadata": [] })
            ),
            Reflection::Nothing
        );
        assert_eq!(
            reflection("payment_intent.canceled", json!(null)),
            Reflection::Nothing
        );
    }
}
