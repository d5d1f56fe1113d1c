//! The one error type of the HTTP layer: a status and the messages that the visitor may read.
//! Everything below it (SQL, Stripe, key-value) becomes one of these, and never shows its own text.

use http::StatusCode;
use serde::Serialize;

use crate::SqlError;
use crate::response::{Response, json};

/// One message of an error answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// What is wrong, in words for a person.
    pub message: String,
    /// The input field that it is about, when it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
}

/// An answer that is not a success, in the shape that every client of the shop can rely on:
/// `{"errors":[{"message":"…","field":"…"}]}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    status: StatusCode,
    errors: Vec<Message>,
    retry_after: Option<u64>,
    /// What went wrong inside, for the log. Never sent.
    cause: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    errors: &'a [Message],
}

impl ApiError {
    /// An error with one message that is about no field.
    #[must_use]
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        let message = Message {
            message: message.into(),
            field: None,
        };
        Self {
            status,
            errors: vec![message],
            retry_after: None,
            cause: None,
        }
    }

    /// 400: the request cannot be carried out as it stands.
    #[must_use]
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400 with a message for each field that is wrong.
    #[must_use]
    pub fn fields(errors: Vec<(&'static str, String)>) -> Self {
        let errors = errors
            .into_iter()
            .map(|(field, message)| Message {
                message,
                field: Some(field),
            })
            .collect();
        Self {
            status: StatusCode::BAD_REQUEST,
            errors,
            retry_after: None,
            cause: None,
        }
    }

    /// 400 about one field.
    #[must_use]
    pub fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self::fields(vec![(field, message.into())])
    }

    /// 401: nobody is signed in, or the thing is somebody else's.
    #[must_use]
    pub fn not_authorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Not authorized")
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found")
    }

    /// 429: too many attempts; `seconds` until another one is worth it (`Retry-After`, RFC 9110).
    #[must_use]
    pub fn too_many_attempts(seconds: u64) -> Self {
        let mut error = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many attempts, please try again later",
        );
        error.retry_after = Some(seconds);
        error
    }

    /// 503: something that the service depends on does not answer. `cause` goes to the log only.
    #[must_use]
    pub fn unavailable(message: impl Into<String>, cause: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::SERVICE_UNAVAILABLE, message);
        error.retry_after = Some(1);
        error.cause = Some(cause.into());
        error
    }

    /// The status that this error answers with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The messages that a visitor reads.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.errors
    }

    /// What the log should say; `None` for what is the visitor's own doing.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// This error as a response.
    #[must_use]
    pub fn into_response(self) -> Response {
        let mut response = json(
            self.status,
            &Body {
                errors: &self.errors,
            },
        );
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(http::header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<SqlError> for ApiError {
    fn from(error: SqlError) -> Self {
        Self::unavailable(
            "The shop's database does not answer, please try again",
            error.to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_the_shape_that_clients_rely_on() {
        let response = ApiError::field("email", "Email must be valid").into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(
            response.body().as_slice(),
            br#"{"errors":[{"message":"Email must be valid","field":"email"}]}"#
        );
    }

    #[test]
    fn the_cause_of_an_outage_stays_inside() {
        let response = ApiError::unavailable("Try again", "password=hunter2").into_response();
        assert!(!String::from_utf8_lossy(response.body()).contains("hunter2"));
        assert_eq!(response.headers()["retry-after"], "1");
    }
}
