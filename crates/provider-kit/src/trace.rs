//! Traces across processes (W3C Trace Context): a span that goes on with a trace that began elsewhere, and the
//! `traceparent` by which others go on with a span. Without exported traces spans are for the log alone.

use tracing::Span;
use wasmcloud_provider_sdk::wasmcloud_tracing::context::{TraceContextInjector, get_span_context};

const TRACEPARENT: &str = "traceparent";

/// Whether `value` is a `traceparent` of level 1: version, trace id, parent id and flags in lower-case hexadecimal. It
/// comes from outside and is put into headers, so anything else is left out.
///
/// ```
/// use provider_kit::trace::is_traceparent;
/// assert!(is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
/// assert!(!is_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736\r\nx: y"));
/// ```
#[must_use]
pub fn is_traceparent(value: &str) -> bool {
    let lengths = [2, 32, 16, 2];
    let mut parts = value.split('-');
    let shaped = lengths.iter().all(|length| {
        parts.next().is_some_and(|part| {
            part.len() == *length && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    }) && parts.next().is_none();
    let is_zero = |id: &str| id.bytes().all(|b| b == b'0');
    shaped && !value.starts_with("ff") && !is_zero(&value[3..35]) && !is_zero(&value[36..52])
}

/// The trace's id in a well-formed `traceparent`.
#[must_use]
pub fn trace_id(traceparent: &str) -> Option<&str> {
    traceparent.get(3..35)
}

/// The span that `make` makes, as a child of the span that `parent` names, wherever that is.
///
/// The parent is there before the span is: tracing-opentelemetry takes none once a span was entered, which is why the SDK's
/// `propagate_trace_for_ctx!` changes nothing.
pub fn continued(parent: Option<&str>, make: impl FnOnce() -> Span) -> Span {
    let Some(parent) = parent else { return make() };
    let context = vec![(TRACEPARENT.to_owned(), parent.to_owned())];
    let _while_it_is_made = get_span_context(&context).attach();
    make()
}

/// The `traceparent` that makes others children of `span`; none when spans are not exported.
#[must_use]
pub fn traceparent(span: &Span) -> Option<String> {
    let mut carrier = TraceContextInjector::default();
    carrier.inject_context_from_span(span);
    carrier.get(TRACEPARENT).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::info_span;
    use wasmcloud_provider_sdk::wasmcloud_tracing::configure_observability;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    /// Spans as in a provider whose host exports traces, to nobody. Ending the export blocks until another thread has done it.
    fn exporting(test: impl FnOnce()) {
        let settings = wasmcloud_core::OtelConfig {
            enable_traces: Some(true),
            traces_endpoint: Some("http://127.0.0.1:9/v1/traces".to_owned()),
            ..Default::default()
        };
        let none = None::<&std::path::Path>;
        let configured = configure_observability("test", &settings, false, none, None, None);
        let (dispatch, _flush) = configured.expect("an exporter");
        tracing::dispatcher::with_default(&dispatch, test);
    }

    #[test]
    fn only_the_four_hexadecimal_parts_are_a_traceparent() {
        assert!(is_traceparent(PARENT));
        assert_eq!(trace_id(PARENT), Some(TRACE));
        for value in [
            "",
            "00",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        ] {
            assert!(!is_traceparent(value), "{value:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_span_goes_on_with_its_parents_trace_and_is_a_parent_itself() {
        exporting(|| {
            let span = continued(Some(PARENT), || info_span!("one"));
            let own = traceparent(&span).expect("exported");
            assert_eq!(trace_id(&own), Some(TRACE));
            assert_ne!(own, PARENT);
            let inner = span.in_scope(|| info_span!("two"));
            let inner = traceparent(&inner).expect("exported");
            assert_eq!(trace_id(&inner), Some(TRACE));
            assert_ne!(inner, own);
        });
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_spans_trace_does_not_get_in_between() {
        exporting(|| {
            info_span!("something else").in_scope(|| {
                let span = continued(Some(PARENT), || info_span!("one"));
                let own = traceparent(&span).expect("exported");
                assert_eq!(trace_id(&own), Some(TRACE));
                let after = traceparent(&info_span!("two")).expect("exported");
                assert_ne!(trace_id(&after), Some(TRACE));
            });
        });
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_malformed_parent_begins_a_trace() {
        exporting(|| {
            let span = continued(Some("nonsense"), || info_span!("one"));
            assert!(is_traceparent(&traceparent(&span).expect("exported")));
        });
    }

    #[test]
    fn without_exported_traces_a_span_has_no_traceparent() {
        let span = continued(Some(PARENT), || info_span!("one"));
        assert_eq!(traceparent(&span), None);
    }
}
