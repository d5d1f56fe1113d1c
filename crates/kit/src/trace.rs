//! W3C Trace Context: the `traceparent` of a request travels in the events that it causes.

use http::HeaderMap;

/// The name of the header.
pub const TRACEPARENT: &str = "traceparent";

/// The request's `traceparent`, when it is a well-formed one of version 00.
#[must_use]
pub fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(TRACEPARENT)?.to_str().ok()?;
    is_traceparent(value).then_some(value)
}

/// Whether `value` is a `traceparent` of version 00: trace id, parent id and flags in lower-case hexadecimal, and neither
/// id all zero.
#[must_use]
pub fn is_traceparent(value: &str) -> bool {
    let shaped = value.len() == 55
        && value.bytes().enumerate().all(|(at, byte)| match at {
            2 | 35 | 52 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        });
    let is_zero = |id: &str| id.bytes().all(|byte| byte == b'0');
    shaped && value.starts_with("00-") && !is_zero(&value[3..35]) && !is_zero(&value[36..52])
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_request_has_the_trace_that_its_header_names() {
        let mut headers = HeaderMap::new();
        assert_eq!(traceparent(&headers), None);
        headers.insert(TRACEPARENT, HeaderValue::from_static(VALID));
        assert_eq!(traceparent(&headers), Some(VALID));
    }

    #[test]
    fn what_is_malformed_is_no_trace() {
        let cut = &VALID[..54];
        for value in [
            "",
            "00-x-y-z",
            cut,
            &"\u{e4}".repeat(28)[..54],
            &VALID.to_uppercase(),
            &VALID.replacen("00", "01", 1),
            &VALID.replace('-', "0"),
            &format!("{VALID}-more"),
            &format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            &format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", "0".repeat(16)),
        ] {
            assert!(!is_traceparent(value), "{value:?}");
        }
    }
}
