//! The form of a `traceparent` (W3C Trace Context, level 1).
//! It comes from outside and is put into headers, so anything else is left out.

/// Whether `value` is a trace context: version, trace id, parent id and flags in lower-case hexadecimal.
///
/// ```
/// use jetstream_kit::is_traceparent;
/// assert!(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
/// assert!(!is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736\r\nx: y"));
/// ```
#[must_use]
pub fn is_traceparent(value: &str) -> bool {
    let lengths = [2, 32, 16, 2];
    let mut parts = value.split('-');
    lengths.iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == *length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    }) && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::is_traceparent;

    #[test]
    fn only_the_four_hexadecimal_parts_are_a_trace_context() {
        assert!(is_traceparent(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        ));
        for value in [
            "",
            "00",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        ] {
            assert!(!is_traceparent(value), "{value:?}");
        }
    }
}
