//! What Stripe tells of its own accord: recorded before it is acknowledged, then reflected in the payment.

use kit::{ApiError, Database, SqlError, Value};
use serde::Deserialize;
use thiserror::Error;
use uuid::Uuid;

use crate::Signed;

const TAKE_WAITING: &str = include_str!("../sql/take_webhooks.sql");

/// Classes of SQLSTATE: connection exception, data exception.
const CONNECTION: &str = "08";
const DATA: &str = "22";

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

/// What an event comes to.
struct Step {
    /// Reflects it, and notes that it is handled. Its parameters are the event's id and `parameters`.
    reflect: &'static str,
    /// Records it, too, unless it is known: its type, its body and the time of its signature follow as parameters. The
    /// same event delivered twice at once may be reflected twice, which is as good as once; the signature's age is judged
    /// by the database's clock.
    receive: &'static str,
    parameters: Vec<Value>,
}

/// A step by the function that reflects it, given the numbers of the parameters that follow the function's.
macro_rules! step {
    ($call:literal, $kind:literal, $body:literal, $signed_at:literal, $parameters:expr) => {
        Step {
            reflect: concat!(
                "with reflected as materialized (select ",
                $call,
                " as done) update webhook_events set handled_at = now() from reflected where id = $1 and done"
            ),
            receive: concat!(
                "with moment as (select ",
                $signed_at,
                "::bigint >= extract(epoch from now()) - 300 as fresh), ",
                "reflected as materialized (select ",
                $call,
                " as done from moment where fresh and not exists (select from webhook_events where id = $1)), ",
                "recorded as (insert into webhook_events (id, type, payload, handled_at) select $1, ",
                $kind,
                ", ",
                $body,
                "::jsonb, case when done then now() end from reflected on conflict (id) do nothing) ",
                "select fresh from moment"
            ),
            parameters: $parameters,
        }
    };
}

/// Records an event and reflects it, in one statement, unless it was delivered before. Where it cannot be reflected now,
/// it is recorded nevertheless: once it is, it is never lost, and tried again by [`retry`].
///
/// # Errors
/// [`WebhookError`].
pub fn receive(database: &impl Database, signed: Signed<'_>) -> Result<(), WebhookError> {
    let event: StripeEvent =
        serde_json::from_slice(signed.body).map_err(|_| WebhookError::Malformed)?;
    let body = std::str::from_utf8(signed.body).map_err(|_| WebhookError::Malformed)?;
    let recorded = [
        event.kind.as_str().into(),
        Value::Json(body.to_owned()),
        signed.at.into(),
    ];
    let step = event.step();
    let mut parameters = event.parameters(step.parameters);
    parameters.extend(recorded.clone());
    let row = match database.query_one(step.receive, &parameters) {
        Err(SqlError::Failed(reason)) if !reason.starts_with(CONNECTION) => {
            let later = step!("false", "$2", "$3", "$4", Vec::new());
            database.query_one(later.receive, &event.parameters(recorded.into()))
        }
        outcome => outcome,
    };
    let row = row.map_err(|error| match error {
        // JSON with text that cannot be stored, such as a zero character.
        SqlError::Failed(reason) if reason.starts_with(DATA) => WebhookError::Malformed,
        error => error.into(),
    })?;
    if row.bool("fresh")? {
        Ok(())
    } else {
        Err(WebhookError::Stale)
    }
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

/// One statement: the payment's step, and that the event is handled.
fn reflect(database: &impl Database, event: &StripeEvent) -> Result<(), SqlError> {
    let step = event.step();
    database.query(step.reflect, &event.parameters(step.parameters))?;
    Ok(())
}

impl StripeEvent {
    /// The event's id, then `others`.
    fn parameters(&self, others: Vec<Value>) -> Vec<Value> {
        let mut parameters = vec![self.id.as_str().into()];
        parameters.extend(others);
        parameters
    }

    fn step(&self) -> Step {
        match self.reflection() {
            Reflection::Succeeded {
                intent,
                tie: Tie { payment, order },
                amount,
                currency,
            } => step!(
                "reflect_success($2, $3, $4, $5, $6)",
                "$7",
                "$8",
                "$9",
                vec![
                    intent.into(),
                    payment.into(),
                    order.into(),
                    amount.into(),
                    currency.into(),
                ]
            ),
            Reflection::Failed { intent, payment } => step!(
                "reflect_failure($2, $3)",
                "$4",
                "$5",
                "$6",
                vec![intent.into(), payment.into()]
            ),
            Reflection::Canceled { intent, payment } => step!(
                "reflect_cancellation($2, $3)",
                "$4",
                "$5",
                "$6",
                vec![intent.into(), payment.into()]
            ),
            Reflection::Refunded {
                intent,
                payment,
                amount,
                full,
            } => step!(
                "reflect_refund($2, $3, $4, $5)",
                "$6",
                "$7",
                "$8",
                vec![intent.into(), payment.into(), amount.into(), full.into()]
            ),
            Reflection::Disputed { intent, reason } => step!(
                "reflect_dispute($2, $3)",
                "$4",
                "$5",
                "$6",
                vec![intent.into(), reason.into()]
            ),
            Reflection::Nothing => step!("true", "$2", "$3", "$4", Vec::new()),
        }
    }

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
