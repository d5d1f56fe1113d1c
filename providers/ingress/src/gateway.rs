//! The life of one request: checked, answered from the cache or received and passed on, answered.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::header::{CONTENT_ENCODING, EXPECT, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use provider_kit::trace::trace_id;
use serde_json::json;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
use tracing::{Instrument as _, debug, warn};

use crate::body::{ResponseBody, discard, receive};
use crate::cache::{Cache, Lookup, Write};
use crate::compression::{self, NotEncodedUpstream, weaken_entity_tag};
use crate::error::{ALLOWED_METHODS, GatewayError, json_response};
use crate::headers::{for_client, for_upstream, settle_host};
use crate::health_check::{self, HealthCheck};
use crate::lattice::Lattice;
use crate::load::Load;
use crate::repetition;
use crate::request_id::{REQUEST_ID, request_id};
use crate::route::Route;
use crate::settings::Settings;
use crate::telemetry;
use crate::trace_context::{TRACEPARENT, drop_malformed_trace, ensure_trace};
use crate::upstream::{Upstream, UpstreamError};

/// What answers requests under one set of settings.
pub struct Gateway {
    settings: Settings,
    upstream: Upstream,
    cache: Cache,
    health: HealthCheck,
}

impl Gateway {
    pub fn new(settings: Settings, lattice: Lattice, load: Load) -> Self {
        let upstream = Upstream::new(&settings, load);
        Self {
            health: HealthCheck::new(&settings, upstream.clone(), lattice),
            upstream,
            cache: Cache::new(settings.cache_max_bytes, settings.public_scheme),
            settings,
        }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Answers a client's request, in every case; the answer is named and logged.
    pub async fn handle(
        self: Arc<Self>,
        mut request: Request<Incoming>,
        client: IpAddr,
    ) -> Result<Response<ResponseBody>, Infallible> {
        let arrival = Instant::now();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let id = request_id(request.headers().get(REQUEST_ID));
        request.headers_mut().insert(REQUEST_ID, id.clone());

        let mut response = self
            .answer(request, client, arrival)
            .await
            .unwrap_or_else(GatewayError::into_response);
        response.headers_mut().insert(REQUEST_ID, id.clone());
        // What an answer is, it says itself; a browser that guesses could run it as a script.
        response
            .headers_mut()
            .insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));

        let (path, status, after) = (uri.path(), response.status(), arrival.elapsed());
        telemetry::answered(&method, self.route_name(path), status, after);
        let trace_id = response.extensions().get().and_then(Trace::id);
        let (status, milliseconds) = (status.as_u16(), after.as_millis());
        if response.status().is_server_error() {
            warn!(%method, path, status, milliseconds, request_id = ?id, trace_id, "answered");
        } else {
            debug!(%method, path, status, milliseconds, request_id = ?id, trace_id, "answered");
        }
        Ok(response)
    }

    /// What the cache has, or the route's upstream says.
    async fn answer(
        &self,
        request: Request<Incoming>,
        client: IpAddr,
        arrival: Instant,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let (mut head, body) = request.into_parts();
        if !is_passed_on(&head.method) {
            let allowed = ALLOWED_METHODS;
            return Err(GatewayError::MethodNotAllowed { allowed });
        }
        settle_host(&mut head.headers, head.uri.authority(), head.version)?;
        if head.uri.path() == health_check::PATH {
            return self.answer_health(&head.method).await;
        }
        let route = self
            .settings
            .routes
            .find(head.uri.path())
            .ok_or(GatewayError::NoRoute)?;

        if body.is_end_stream()
            && let Some(lookup) = Lookup::of(&mut head, arrival)
        {
            if let Some(kept) = self.cache.kept(&lookup).await {
                return Ok(kept);
            }
            // On the heap: what waits for another's answer should not carry all that asking takes.
            let ask = Box::pin(self.compressed(Request::from_parts(head, body), client, route));
            return Ok(self.cache.asked(&lookup, ask).await);
        }
        let write = (!head.method.is_safe()).then(|| Write::of(&head.uri, &head.headers));
        let request = Request::from_parts(head, body);
        let mut answer = self.compressed(request, client, route).await;
        if let Some(write) = write {
            self.cache.learn(&write, &mut answer);
        }
        Ok(answer)
    }

    /// The upstream's answer as the client can take it.
    async fn compressed(
        &self,
        request: Request<Incoming>,
        client: IpAddr,
        route: &Route,
    ) -> Response<ResponseBody> {
        let asking = service_fn(|request| async move {
            Ok::<_, Infallible>(self.traced(request, client, route).await)
        });
        let answer = ServiceBuilder::new()
            .layer(compression::layer())
            .service(asking)
            .oneshot(request);
        let Ok(mut answer) = answer.await;
        weaken_entity_tag(&mut answer);
        answer.map(|body| body.boxed_unsync())
    }

    /// The upstream's answer, in a span of the request's trace.
    async fn traced(
        &self,
        mut request: Request<Incoming>,
        client: IpAddr,
        route: &Route,
    ) -> Response<ResponseBody> {
        let headers = request.headers_mut();
        drop_malformed_trace(headers);
        let span = telemetry::span(request.method(), route.name(), request.headers());
        let headers = request.headers_mut();
        telemetry::pass_on(&span, headers);
        ensure_trace(headers);
        let trace = headers.get(TRACEPARENT).cloned().map(Trace);
        span.record("trace_id", trace.as_ref().and_then(Trace::id));
        let mut answer = self
            .forward(request, client, route)
            .instrument(span.clone())
            .await
            .unwrap_or_else(GatewayError::into_response);
        telemetry::ended(&span, Some(answer.status()));
        if let Some(trace) = trace {
            answer.extensions_mut().insert(trace);
        }
        answer
    }

    async fn forward(
        &self,
        request: Request<Incoming>,
        client: IpAddr,
        route: &Route,
    ) -> Result<Response<ResponseBody>, GatewayError> {
        let (mut head, mut body) = request.into_parts();
        let Settings {
            max_body_bytes,
            client_timeout,
            public_scheme,
            idempotent_writes,
            ..
        } = self.settings;
        let received = receive(&mut body, max_body_bytes, client_timeout).await;
        if matches!(received, Err(GatewayError::BodyTooLarge { .. }))
            // A client that waits for leave to send has sent nothing.
            && !head.headers.contains_key(EXPECT)
        {
            discard(&mut body).await;
        }
        let received = received?;

        for_upstream(&mut head.headers, client, public_scheme);
        repetition::ensure_key(&head.method, &mut head.headers);
        let patience = repetition::patience(&head.method, idempotent_writes);
        let mut answer = self
            .upstream
            .answer(route.upstreams(), head, received, patience)
            .await
            .map_err(|error| told_to_the_client(&error, route))?;
        *answer.version_mut() = Version::HTTP_11;
        for_client(answer.headers_mut());
        if !answer.headers().contains_key(CONTENT_ENCODING) {
            answer.extensions_mut().insert(NotEncodedUpstream);
        }
        Ok(answer)
    }

    /// What a request is counted as; paths that lead nowhere are one.
    fn route_name(&self, path: &str) -> &str {
        match self.settings.routes.find(path) {
            _ if path == health_check::PATH => health_check::PATH,
            Some(route) => route.name(),
            None => "none",
        }
    }

    async fn answer_health(&self, method: &Method) -> Result<Response<ResponseBody>, GatewayError> {
        if ![Method::GET, Method::HEAD].contains(method) {
            let allowed = "GET, HEAD";
            return Err(GatewayError::MethodNotAllowed { allowed });
        }
        let failures = self.health.failures().await;
        if failures.is_empty() {
            Ok(json_response(StatusCode::OK, &json!({ "status": "ok" })))
        } else {
            let failures = failures.to_vec();
            Err(GatewayError::Unhealthy { failures })
        }
    }
}

/// The trace that an answer belongs to, for the log.
#[derive(Clone, Debug)]
struct Trace(HeaderValue);

impl Trace {
    fn id(&self) -> Option<&str> {
        self.0.to_str().ok().and_then(trace_id)
    }
}

/// TRACE would echo headers to scripts, CONNECT would make a tunnel; others nobody answers.
fn is_passed_on(method: &Method) -> bool {
    ALLOWED_METHODS
        .split(", ")
        .any(|allowed| allowed == method.as_str())
}

/// The client learns what it can do about it; the cause goes to the log.
fn told_to_the_client(error: &UpstreamError, route: &Route) -> GatewayError {
    warn!(route = route.name(), upstream = route.destination(), %error, "no answer from upstream");
    let route = route.name().to_owned();
    match error {
        UpstreamError::Unreachable(_) => GatewayError::Unreachable { route },
        UpstreamError::Busy(_) => GatewayError::Busy { route },
        UpstreamError::TimedOut(_) => GatewayError::TimedOut { route },
        UpstreamError::BrokenOff(_)
        | UpstreamError::HostFailed(_)
        | UpstreamError::Unsendable(_)
        | UpstreamError::Nowhere => GatewayError::Failed { route },
    }
}
