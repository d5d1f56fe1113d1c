//! A buyer asks to pay an order: one attempt at a time, with one card.

use kit::{ApiError, Database, Fields, SqlError};
use thiserror::Error;
use uuid::Uuid;

use crate::payment::columns;
use crate::{Currency, Payment, PaymentMethod};

/// The function and its reasons stand in the service's migrations.
const CLAIM: &str = concat!(
    "select outcome, ",
    columns!(),
    " from claim_payment($1, $2, $3, $4, $5, $6) claim, lateral (select (claim.payment).*) payment"
);

/// What a buyer sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// The order to pay.
    pub order_id: Uuid,
    /// The card.
    pub payment_method: PaymentMethod,
}

/// Why an order cannot be paid.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ClaimError {
    /// It is somebody else's.
    #[error("Not authorized")]
    NotTheBuyer,
    /// It is cancelled, or has expired by the database's clock.
    #[error("Cannot pay for a cancelled order")]
    Closed,
    /// It is paid.
    #[error("Order is already paid")]
    Paid,
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] SqlError),
}

impl From<ClaimError> for ApiError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::NotTheBuyer => Self::not_authorized(),
            ClaimError::Closed | ClaimError::Paid => Self::bad_request(error.to_string()),
            ClaimError::Database(error) => error.into(),
        }
    }
}

impl PaymentRequest {
    /// Reads `orderId` and `token`.
    ///
    /// # Errors
    /// 400 naming each field that is missing or malformed; 404 for an order id that cannot be one.
    pub fn read(fields: &Fields) -> Result<Self, ApiError> {
        // As it was sent: one that no database column can hold is an id that is not found.
        let order = fields
            .value("orderId")
            .and_then(serde_json::Value::as_str)
            .filter(|id| !id.is_empty());
        let token = fields.text("token").filter(|token| !token.is_empty());
        let method = token.and_then(PaymentMethod::parse);
        let mut wrong = Vec::new();
        if order.is_none() {
            wrong.push(("orderId", "OrderId must be provided".to_owned()));
        }
        if token.is_none() {
            wrong.push(("token", "Token must be provided".to_owned()));
        } else if method.is_none() {
            wrong.push((
                "token",
                "Token must be a Stripe payment method or card token".to_owned(),
            ));
        }
        match (order, method) {
            (Some(order), Some(payment_method)) => Ok(Self {
                order_id: kit::id(order)?,
                payment_method,
            }),
            _ => Err(ApiError::fields(wrong)),
        }
    }
}

/// Claims an attempt for `buyer`, or joins the one that is being made. `write` names the request: asked again, it gets
/// its own attempt back, whatever became of it. `None` when the order is not
/// known, or not yet.
///
/// # Errors
/// [`ClaimError`].
pub fn claim(
    database: &impl Database,
    request: &PaymentRequest,
    buyer: Uuid,
    currency: &Currency,
    write: Option<Uuid>,
    traceparent: Option<&str>,
) -> Result<Option<Payment>, ClaimError> {
    let row = database.query_one(
        CLAIM,
        &[
            request.order_id.into(),
            buyer.into(),
            request.payment_method.as_str().into(),
            currency.to_string().into(),
            traceparent.into(),
            write.into(),
        ],
    )?;
    match row.text("outcome")? {
        Some("claimed") => Ok(Some(Payment::read(&row)?)),
        Some("unknown") => Ok(None),
        Some("foreign") => Err(ClaimError::NotTheBuyer),
        Some("closed") => Err(ClaimError::Closed),
        Some("paid") => Err(ClaimError::Paid),
        _ => Err(SqlError::Shape("outcome").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<PaymentRequest, ApiError> {
        let request = http::Request::builder()
            .header("content-type", "application/json")
            .body(body.as_bytes().to_vec())
            .unwrap();
        PaymentRequest::read(&Fields::read(&request)?)
    }

    fn wrong_fields(body: &str) -> Vec<&'static str> {
        let error = read(body).unwrap_err();
        assert_eq!(error.status(), 400, "{body}");
        error
            .messages()
            .iter()
            .filter_map(|message| message.field)
            .collect()
    }

    #[test]
    fn an_order_and_a_card_make_a_request() {
        let request =
            read(r#"{"orderId":"7f8b4a3e-35a0-4f4e-8f5e-9d7a5d3b2c10","token":"pm_card_visa"}"#)
                .unwrap();
        assert_eq!(request.payment_method.as_str(), "pm_card_visa");
    }

    #[test]
    fn every_field_that_is_wrong_is_named() {
        assert_eq!(wrong_fields("{}"), ["orderId", "token"]);
        assert_eq!(
            wrong_fields(r#"{"orderId":7,"token":"pm_card_visa"}"#),
            ["orderId"]
        );
        assert_eq!(wrong_fields(r#"{"orderId":"x","token":"visa"}"#), ["token"]);
    }

    #[test]
    fn an_order_id_that_is_no_uuid_is_not_found() {
        assert_eq!(
            read(r#"{"orderId":"x","token":"pm_card_visa"}"#)
                .unwrap_err()
                .status(),
            404
        );
    }
}
