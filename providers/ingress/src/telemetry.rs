//! What a request leaves behind for operators: a span in its trace, and its duration by route.
//! Names are those of OpenTelemetry's conventions for HTTP servers; both go nowhere unless the host exports telemetry.

use std::sync::LazyLock;
use std::time::Duration;

use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use provider_kit::trace::{continued, traceparent};
use tracing::{Span, field, info_span};
use wasmcloud_provider_sdk::wasmcloud_tracing::{Histogram, KeyValue, global};

use crate::trace_context::TRACEPARENT;

/// In seconds, as the conventions advise.
const BOUNDARIES: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

static DURATION: LazyLock<Histogram<f64>> = LazyLock::new(|| {
    global::meter("ingress")
        .f64_histogram("http.server.request.duration")
        .with_unit("s")
        .with_description("How long answers took to begin")
        .with_boundaries(BOUNDARIES.to_vec())
        .build()
});

/// A request's span, in the trace that its `traceparent` names.
/// `route` is its route's prefix, never its path: that would be one name for every order.
pub fn span(method: &Method, route: &str, headers: &HeaderMap) -> Span {
    let parent = headers.get(TRACEPARENT).and_then(|it| it.to_str().ok());
    continued(parent, || {
        info_span!(
            "request",
            otel.kind = "server",
            otel.name = format!("{method} {route}"),
            otel.status_code = field::Empty,
            http.request.method = %method,
            http.route = route,
            http.response.status_code = field::Empty,
            trace_id = field::Empty,
        )
    })
}

/// The span of one attempt to have `upstream` answer the current span's request. None without exported traces, where it
/// would say nothing that the request's does not.
pub fn attempt(method: &Method, upstream: &Authority) -> Span {
    if traceparent(&Span::current()).is_none() {
        return Span::none();
    }
    info_span!(
        "attempt",
        otel.kind = "client",
        otel.name = %method,
        otel.status_code = field::Empty,
        http.request.method = %method,
        http.response.status_code = field::Empty,
        server.address = upstream.host(),
        server.port = upstream.port_u16(),
    )
}

/// Makes `span` the parent of what the upstream does. Without exported traces the headers stay as they are.
pub fn pass_on(span: &Span, headers: &mut HeaderMap) {
    let own = traceparent(span).and_then(|own| HeaderValue::try_from(own).ok());
    if let Some(own) = own {
        headers.insert(TRACEPARENT, own);
    }
}

/// Notes in its span how an upstream answered; no status when it did not.
pub fn ended(span: &Span, status: Option<StatusCode>) {
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    if status.is_none_or(|status| status.is_server_error()) {
        span.record("otel.status_code", "ERROR");
    }
}

/// Counts a request that was answered, from the cache or by an upstream, this long after its arrival.
pub fn answered(method: &Method, route: &str, status: StatusCode, after: Duration) {
    DURATION.record(
        after.as_secs_f64(),
        &[
            KeyValue::new("http.request.method", method.as_str().to_owned()),
            KeyValue::new("http.route", route.to_owned()),
            KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
        ],
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn without_exported_traces_a_request_keeps_its_trace() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_static(parent));
        let span = span(&Method::GET, "/api/tickets", &headers);
        pass_on(&span, &mut headers);
        let attempt = span.in_scope(|| attempt(&Method::GET, &Authority::from_static("a:1")));
        pass_on(&attempt, &mut headers);
        assert_eq!(headers[TRACEPARENT], parent);
    }
}
