//! Answers that are no success: what Stripe refuses, and when it says nothing that counts.

use http::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::intent::Intent;

/// Why a request did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Stripe understood the request and refused it.
    Refused(Refusal),
    /// Stripe answered with something that is not about the request: 5xx, 429, or a key that it does not
    /// take. A 5xx may have had its effect, and stays the answer of its idempotency key.
    Outage(String),
    /// No answer, or one that is cut off. The request may have had its effect.
    Silence(String),
}

/// Stripe's error object. <https://docs.stripe.com/api/errors>
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Refusal {
    /// The HTTP status.
    #[serde(skip)]
    pub status: u16,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub message: Option<String>,
    #[serde(default)]
    pub param: Option<String>,
    /// How the PaymentIntent stands that the request was about.
    #[serde(default)]
    pub payment_intent: Option<Box<Intent>>,
}

impl Refusal {
    /// Reads the body of an answer with `status`.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Body {
            error: Refusal,
        }
        let refusal = serde_json::from_slice::<Body>(body)
            .map(|body| body.error)
            .unwrap_or_default();
        Self { status, ..refusal }
    }
}

/// The object in a success; the failure in everything else.
pub(super) fn read<T: DeserializeOwned>(answer: &Response<Vec<u8>>) -> Result<T, Failure> {
    let status = answer.status();
    if status.is_success() {
        return serde_json::from_slice(answer.body())
            .map_err(|error| Failure::Silence(format!("an answer that makes no sense: {error}")));
    }
    let not_about_the_request = [
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::TOO_MANY_REQUESTS,
    ];
    if !status.is_client_error() || not_about_the_request.contains(&status) {
        return Err(Failure::Outage(format!("answered {status}")));
    }
    Err(Failure::Refused(Refusal::read(
        status.as_u16(),
        answer.body(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, body: &str) -> Failure {
        let answer = Response::builder()
            .status(status)
            .body(body.as_bytes().to_vec())
            .unwrap();
        read::<Intent>(&answer).unwrap_err()
    }

    #[test]
    fn a_refusal_is_read_with_its_reason() {
        let Failure::Refused(refusal) =
            failure(402, r#"{"error":{"type":"card_error","message":"No."}}"#)
        else {
            panic!("not refused")
        };
        assert_eq!(
            (refusal.status, refusal.message.as_deref()),
            (402, Some("No."))
        );
    }

    #[test]
    fn a_refusal_need_not_be_json() {
        assert!(matches!(failure(400, "<html>"), Failure::Refused(_)));
    }

    #[test]
    fn what_is_not_about_the_request_refuses_nothing() {
        for status in [301, 401, 403, 408, 429, 500, 502, 503] {
            assert!(
                matches!(failure(status, "{}"), Failure::Outage(_)),
                "{status}"
            );
        }
    }

    #[test]
    fn half_an_answer_is_none() {
        assert!(matches!(
            failure(200, r#"{"id":"pi_1","sta"#),
            Failure::Silence(_)
        ));
    }
}
