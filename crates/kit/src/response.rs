//! Responses: JSON, already encoded or not, or nothing at all.

use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::ApiError;

/// A response whose body is at hand.
pub type Response = http::Response<Vec<u8>>;

/// `value` as JSON.
#[must_use]
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => json_text(status, body),
        Err(error) => ApiError::unavailable("The answer could not be written", error.to_string())
            .into_response(),
    }
}

/// A body that is JSON already, as the database builds it.
#[must_use]
pub fn json_text(status: StatusCode, body: impl Into<Vec<u8>>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    response
}

/// A response without a body.
#[must_use]
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}
