//! Paths: their segments, and the answers for those that lead nowhere.

use http::{HeaderValue, StatusCode, header};
use uuid::Uuid;

use crate::response::Response;
use crate::{ApiError, Request};

/// The segments of the request's path after `/api/<service>`; a trailing slash makes none.
#[must_use]
pub fn segments(request: &Request) -> Vec<&str> {
    request
        .uri()
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .skip(2)
        .collect()
}

/// An id from a path. One that is not a UUID is simply not found.
///
/// # Errors
/// 404.
pub fn id(segment: &str) -> Result<Uuid, ApiError> {
    Uuid::try_parse(segment).map_err(|_| ApiError::not_found())
}

/// Whether the request asks how the service is: `GET /healthz`, which only operators reach.
#[must_use]
pub fn is_health_check(request: &Request) -> bool {
    request.uri().path() == "/healthz"
}

/// 404 for a path that nothing is behind.
#[must_use]
pub fn not_found() -> Response {
    ApiError::not_found().into_response()
}

/// 405 for a method that the path does not have; `allow` lists those that it has (RFC 9110).
#[must_use]
pub fn method_not_allowed(allow: &'static str) -> Response {
    let mut response =
        ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed").into_response();
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}
