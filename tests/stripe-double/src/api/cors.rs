//! Cross-origin calls: Stripe lets any page call it, since a browser only ever holds a publishable key.
//! Without this a shop's page could not turn a card into a payment method.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

const HEADERS: [(&str, &str); 4] = [
    ("access-control-allow-origin", "*"),
    (
        "access-control-allow-methods",
        "GET, HEAD, PUT, PATCH, POST, DELETE",
    ),
    ("access-control-allow-headers", "*, Authorization"),
    (
        "access-control-expose-headers",
        "Request-Id, Stripe-Manage-Version",
    ),
];

/// Adds the permission to an answer.
pub fn permit(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
}

/// The answer to a browser that asks first.
pub fn preflight() -> Response {
    let mut response = StatusCode::OK.into_response();
    permit(response.headers_mut());
    response
}
