//! What came back, and what a test may say about it.
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::SetCookie;

/// A response that has been read whole.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What was asked, for messages.
    pub asked: String,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The header `name`; empty when there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The cookies that it sets or clears.
    #[must_use]
    pub fn cookies(&self) -> Vec<SetCookie> {
        let all = self.headers.get_all("set-cookie").into_iter();
        all.filter_map(|value| SetCookie::parse(value.to_str().ok()?))
            .collect()
    }

    /// The cookie `name` that it sets or clears.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<SetCookie> {
        self.cookies()
            .into_iter()
            .find(|cookie| cookie.name == name)
    }

    /// It has this status. Gives the body as JSON.
    #[track_caller]
    pub fn is(&self, status: u16) -> Value {
        assert_eq!(
            self.status.as_u16(),
            status,
            "{}: {}",
            self.asked,
            self.text()
        );
        self.json()
    }

    /// It is refused with exactly this message, about this field or about none.
    #[track_caller]
    pub fn refused(&self, status: u16, message: &str, field: Option<&str>) {
        self.is(status);
        let wanted = match field {
            Some(field) => serde_json::json!({ "message": message, "field": field }),
            None => serde_json::json!({ "message": message }),
        };
        let errors = self.errors();
        assert!(
            errors.contains(&wanted),
            "{}: {wanted} is not among {errors:?}",
            self.asked
        );
    }

    /// It is refused with one of these statuses, in the shape that every error has.
    #[track_caller]
    pub fn refused_with(&self, statuses: &[u16]) {
        assert!(
            statuses.contains(&self.status.as_u16()),
            "{}: {} is none of {statuses:?}: {}",
            self.asked,
            self.status,
            self.text()
        );
        assert!(!self.errors().is_empty());
    }

    /// Nobody is signed in, or it is somebody else's.
    #[track_caller]
    pub fn is_not_authorized(&self) {
        self.is(401);
        assert_eq!(
            self.json(),
            serde_json::json!({ "errors": [{ "message": "Not authorized" }] }),
            "{}",
            self.asked
        );
    }

    /// The errors of the answer; the test fails when they do not have the shape of every error.
    #[track_caller]
    #[must_use]
    pub fn errors(&self) -> Vec<Value> {
        let asked = &self.asked;
        let what = format!("{asked}: {} {}", self.status, self.text());
        assert!(
            self.header("content-type").starts_with("application/json"),
            "not JSON: {what}"
        );
        let body = self.json();
        let top = body
            .as_object()
            .unwrap_or_else(|| panic!("no object: {what}"));
        assert_eq!(top.keys().collect::<Vec<_>>(), ["errors"], "{what}");
        let errors = top["errors"].as_array().cloned().unwrap_or_default();
        assert!(!errors.is_empty(), "no message: {what}");
        for error in &errors {
            let error = error
                .as_object()
                .unwrap_or_else(|| panic!("odd error: {what}"));
            assert!(
                error
                    .get("message")
                    .is_some_and(|it| it.as_str().is_some_and(|it| !it.is_empty())),
                "{what}"
            );
            assert!(error.get("field").is_none_or(Value::is_string), "{what}");
            assert!(
                error.keys().all(|key| key == "message" || key == "field"),
                "{what}"
            );
        }
        errors
    }
}
