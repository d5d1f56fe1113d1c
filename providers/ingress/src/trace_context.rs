//! `traceparent` and `tracestate` of W3C Trace Context: a request always reaches its service with a
//! trace, which the service carries on into the events it causes.

use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::request_id::ascii;

pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Leaves a valid trace as it is, and takes any other away.
pub fn drop_malformed_trace(headers: &mut HeaderMap) {
    let mut sent = headers.get_all(TRACEPARENT).iter();
    let valid = match (sent.next(), sent.next()) {
        (Some(only), None) => is_valid(only.as_bytes()),
        _ => false,
    };
    if !valid {
        headers.remove(TRACEPARENT);
        // A state without its trace means nothing.
        headers.remove(TRACESTATE);
    }
}

/// Starts a new, sampled trace where there is none yet.
pub fn ensure_trace(headers: &mut HeaderMap) {
    if !headers.contains_key(TRACEPARENT) {
        headers.insert(TRACEPARENT, new_traceparent());
    }
}

/// `version-traceid-parentid-flags`, lower-case hex; ids are not all zero, version `ff` is
/// forbidden, and only versions after `00` may carry more behind the flags.
fn is_valid(value: &[u8]) -> bool {
    let Some((fields, rest)) = value.split_at_checked(55) else {
        return false;
    };
    let parts: Vec<&[u8]> = fields.split(|byte| *byte == b'-').collect();
    let [version, trace, parent, flags] = parts[..] else {
        return false;
    };
    let hex = |part: &[u8], length| {
        part.len() == length && part.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let not_zero = |part: &[u8]| part.iter().any(|byte| *byte != b'0');
    hex(version, 2)
        && version != b"ff"
        && hex(trace, 32)
        && not_zero(trace)
        && hex(parent, 16)
        && not_zero(parent)
        && hex(flags, 2)
        && (rest.is_empty() || (version != b"00" && rest.starts_with(b"-")))
}

fn new_traceparent() -> HeaderValue {
    let (_, parent) = Uuid::new_v4().as_u64_pair();
    ascii(format!(
        "00-{}-{parent:016x}-01",
        Uuid::new_v4().as_simple()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn ensured(traceparents: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in traceparents {
            headers.append(TRACEPARENT, HeaderValue::from_str(value).unwrap());
        }
        headers.insert(TRACESTATE, HeaderValue::from_static("vendor=1"));
        drop_malformed_trace(&mut headers);
        ensure_trace(&mut headers);
        headers
    }

    #[test]
    fn a_valid_trace_and_its_state_are_kept() {
        let headers = ensured(&[VALID]);
        assert_eq!(headers[TRACEPARENT], VALID);
        assert!(headers.contains_key(TRACESTATE));
    }

    #[test]
    fn a_later_version_may_carry_more() {
        let later = VALID.replacen("00", "01", 1) + "-extra";
        assert_eq!(ensured(&[&later])[TRACEPARENT], later);
    }

    #[test]
    fn anything_else_is_replaced_by_a_new_trace_without_a_state() {
        let zero_trace = format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32));
        let upper = VALID.to_uppercase();
        let longer = format!("{VALID}-extra");
        let forbidden = VALID.replacen("00", "ff", 1);
        for wrong in [
            &[][..],
            &[""],
            &["00-abc"],
            &[&zero_trace],
            &[&upper],
            &[&longer],
            &[&forbidden],
            &[VALID, VALID],
        ] {
            let headers = ensured(wrong);
            assert_eq!(headers.get_all(TRACEPARENT).iter().count(), 1);
            assert_ne!(headers[TRACEPARENT], VALID);
            assert!(is_valid(headers[TRACEPARENT].as_bytes()), "{wrong:?}");
            assert!(!headers.contains_key(TRACESTATE));
        }
    }
}
