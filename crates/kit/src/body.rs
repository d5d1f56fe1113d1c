//! JSON bodies: what may be sent, and how its fields are read without trusting any of them.

use http::{StatusCode, header};
use serde_json::{Map, Value};

use crate::{ApiError, Request};

/// The fields of a JSON object that a client sent.
#[derive(Clone, Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    /// Reads the body of `request` as a JSON object.
    ///
    /// # Errors
    /// 415 when the content type is not JSON, 400 when the body is not a JSON object.
    pub fn read(request: &Request) -> Result<Self, ApiError> {
        if !is_json(request) {
            return Err(ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Content-Type must be application/json",
            ));
        }
        match serde_json::from_slice(request.body()) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(ApiError::bad_request("The body must be a JSON object")),
            Err(_) => Err(ApiError::bad_request("The body must be valid JSON")),
        }
    }

    /// The field as text; `None` when it is missing, something else than a string, or has a NUL in it,
    /// which no database column can hold.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.contains('\0'))
    }

    /// The field as it was sent.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

fn is_json(request: &Request) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(content_type: &str, body: &[u8]) -> Request {
        http::Request::builder()
            .header(header::CONTENT_TYPE, content_type)
            .body(body.to_vec())
            .expect("a valid request")
    }

    #[test]
    fn a_charset_does_not_make_json_something_else() {
        assert!(Fields::read(&request("application/json; charset=utf-8", b"{}")).is_ok());
    }

    #[test]
    fn a_form_is_refused_as_a_media_type() {
        let error = Fields::read(&request("text/plain", b"{}")).unwrap_err();
        assert_eq!(error.status(), 415);
    }

    #[test]
    fn anything_but_an_object_is_a_bad_request() {
        for body in [
            &b"[]"[..],
            b"null",
            b"\"x\"",
            b"{",
            b"",
            b"\xff\xfe",
            &[b'['; 4096],
        ] {
            let error = Fields::read(&request("application/json", body)).unwrap_err();
            assert_eq!(error.status(), 400);
        }
    }

    #[test]
    fn a_field_of_another_type_is_as_good_as_missing() {
        let fields = Fields::read(&request("application/json", br#"{"title":7}"#)).unwrap();
        assert_eq!(fields.text("title"), None);
    }
}
