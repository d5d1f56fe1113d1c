//! Every answer that the ingress makes itself because it cannot pass one on, and its JSON shape.
//! The texts are for clients: they name the public route, never an address or an internal error.

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use serde_json::json;

use crate::body::ResponseBody;

/// Methods that are passed on, as `Allow` names them.
pub const ALLOWED_METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Why the ingress answers itself.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum GatewayError {
    #[error("Not Found")]
    NoRoute,
    #[error("Method not allowed")]
    MethodNotAllowed { allowed: &'static str },
    #[error("The request must have exactly one Host header")]
    Host,
    #[error("The request body is larger than {limit} bytes")]
    BodyTooLarge { limit: usize },
    #[error("The request body did not arrive in time")]
    BodyTimedOut,
    #[error("The request body broke off or is malformed")]
    BodyBroken,
    #[error("The service for {route} cannot be reached at the moment; please try again shortly")]
    Unreachable { route: String },
    #[error("Too many want the service for {route} at the moment; please try again shortly")]
    Busy { route: String },
    #[error("The service for {route} did not answer in time; the request may still take effect")]
    TimedOut { route: String },
    #[error(
        "The service for {route} failed before it answered; the request may or may not have taken effect"
    )]
    Failed { route: String },
    /// One message per part that fails the health check.
    #[error("not healthy")]
    Unhealthy { failures: Vec<String> },
}

impl GatewayError {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoRoute => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Host | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::Unreachable { .. } | Self::Busy { .. } | Self::Unhealthy { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::TimedOut { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Failed { .. } => StatusCode::BAD_GATEWAY,
        }
    }

    /// `{"errors":[{"message":"…"}]}` with the status and the headers that belong to it.
    pub fn into_response(self) -> Response<ResponseBody> {
        let messages = match &self {
            Self::Unhealthy { failures } => failures.clone(),
            other => vec![other.to_string()],
        };
        let errors: Vec<_> = messages
            .iter()
            .map(|message| json!({ "message": message }))
            .collect();
        let mut response = json_response(self.status(), &json!({ "errors": errors }));
        let headers = response.headers_mut();
        match self {
            Self::Unreachable { .. } | Self::Busy { .. } => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::MethodNotAllowed { allowed } => {
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            _ => {}
        }
        response
    }
}

/// A JSON answer that nobody may keep.
pub fn json_response(status: StatusCode, body: &serde_json::Value) -> Response<ResponseBody> {
    let body = Full::new(Bytes::from(body.to_string()))
        .map_err(|never| match never {})
        .boxed_unsync();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_service_is_a_503_that_asks_to_try_again() {
        let route = "/api/tickets".to_owned();
        let response = GatewayError::Unreachable { route }.into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()[RETRY_AFTER], "1");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/json");
    }

    #[test]
    fn a_refused_method_is_told_which_ones_there_are() {
        let allowed = ALLOWED_METHODS;
        let response = GatewayError::MethodNotAllowed { allowed }.into_response();
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()[ALLOW], ALLOWED_METHODS);
    }
}
