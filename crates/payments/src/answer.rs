//! What the buyer is told about a payment.

use http::StatusCode;
use kit::{ApiError, Response};
use serde::Serialize;
use uuid::Uuid;

use crate::{Decline, DeclineKind, Payment, Status};

#[derive(Serialize)]
struct Paid {
    id: Uuid,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ActionRequired<'a> {
    id: Uuid,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<&'a str>,
}

impl Payment {
    /// 201 when the money is captured; 202 when the card's holder has to authenticate first.
    ///
    /// # Errors
    /// 402 when the card was declined, 400 when another token or order is needed, 503 when the answer is
    /// still open or nothing could be charged: in both cases asking again is safe.
    pub fn answer(&self) -> Result<Response, ApiError> {
        match self.status {
            Status::Succeeded | Status::Refunding | Status::Refunded => {
                Ok(kit::json(StatusCode::CREATED, &Paid { id: self.id }))
            }
            Status::RequiresAction => Ok(kit::json(
                StatusCode::ACCEPTED,
                &ActionRequired {
                    id: self.id,
                    status: "requires_action",
                    client_secret: self.client_secret.as_deref(),
                    redirect_url: self.redirect_url.as_deref(),
                },
            )),
            Status::Declined => Err(self.decline.as_ref().map_or_else(|| self.open(), refusal)),
            Status::Canceled => Err(ApiError::bad_request("Cannot pay for a cancelled order")),
            Status::Pending => Err(self.open()),
        }
    }

    fn open(&self) -> ApiError {
        ApiError::unavailable(
            "The payment is being processed, please look at the order again in a moment",
            format!("payment {} is open after attempt {}", self.id, self.attempt),
        )
    }
}

fn refusal(decline: &Decline) -> ApiError {
    let message = decline.message.as_str();
    match decline.kind {
        DeclineKind::Card => ApiError::new(StatusCode::PAYMENT_REQUIRED, message),
        DeclineKind::Token => ApiError::field("token", message),
        DeclineKind::Order => ApiError::bad_request(message),
        DeclineKind::Outage => ApiError::unavailable(message, "Stripe did not take a payment"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment(status: Status, decline: Option<Decline>) -> Payment {
        Payment {
            id: Uuid::from_u128(7),
            order_id: Uuid::from_u128(8),
            amount: 1000,
            currency: "usd".to_owned(),
            status,
            attempt: 1,
            payment_method: None,
            intent: None,
            client_secret: Some("secret".to_owned()),
            redirect_url: None,
            decline,
            refund_attempt: 1,
        }
    }

    fn status(status: Status, kind: Option<DeclineKind>) -> u16 {
        let decline = kind.map(|kind| Decline {
            kind,
            message: "No.".to_owned(),
        });
        let answer = payment(status, decline).answer();
        answer
            .map_or_else(|error| error.status(), |response| response.status())
            .as_u16()
    }

    #[test]
    fn captured_money_is_a_payment_whatever_becomes_of_it() {
        for state in [Status::Succeeded, Status::Refunding, Status::Refunded] {
            assert_eq!(status(state, None), 201);
        }
        let response = payment(Status::Succeeded, None).answer().unwrap();
        assert_eq!(
            response.body(),
            br#"{"id":"00000000-0000-0000-0000-000000000007"}"#
        );
    }

    #[test]
    fn a_card_that_must_be_authenticated_is_accepted_but_not_paid() {
        let response = payment(Status::RequiresAction, None).answer().unwrap();
        assert_eq!(response.status(), 202);
        let body = String::from_utf8_lossy(response.body());
        assert!(
            body.contains(r#""status":"requires_action","clientSecret":"secret""#),
            "{body}"
        );
    }

    #[test]
    fn a_failed_attempt_says_what_to_change() {
        assert_eq!(status(Status::Declined, Some(DeclineKind::Card)), 402);
        assert_eq!(status(Status::Declined, Some(DeclineKind::Token)), 400);
        assert_eq!(status(Status::Declined, Some(DeclineKind::Order)), 400);
        assert_eq!(status(Status::Declined, Some(DeclineKind::Outage)), 503);
    }

    #[test]
    fn an_open_payment_is_neither_paid_nor_refused() {
        let error = payment(Status::Pending, None).answer().unwrap_err();
        assert_eq!(error.status(), 503);
        assert!(error.into_response().headers().contains_key("retry-after"));
    }
}
