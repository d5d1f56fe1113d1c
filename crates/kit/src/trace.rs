//! W3C Trace Context: the `traceparent` of a request travels in the events that it causes.

use http::HeaderMap;

/// The request's `traceparent`, when it is a well-formed one of version 00.
#[must_use]
pub fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let lengths: Vec<usize> = value.split('-').map(str::len).collect();
    let hex = value
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    (hex && lengths == [2, 32, 16, 2] && value.starts_with("00-")).then_some(value)
}
