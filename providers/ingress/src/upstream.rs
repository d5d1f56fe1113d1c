//! One exchange with an upstream, and when it is safe to try it a second time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Request, Response, StatusCode, Uri, Version, request};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout};
use tower_http::timeout::TimeoutBody;
use tracing::{Instrument as _, debug};

use crate::body::ResponseBody;
use crate::load::{InFlight, Load};
use crate::room::Rooms;
use crate::settings::Settings;
use crate::telemetry;

/// Idle connections are closed well before an upstream would, so that few requests meet a dying one.
const IDLE_CONNECTION: Duration = Duration::from_secs(15);

/// The pause before the second attempt.
const SECOND_ATTEMPT_AFTER: Duration = Duration::from_millis(100);

/// Why an upstream gave no answer that can be passed on.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// Nothing was sent: any request may be tried again.
    #[error("cannot connect: {}", root_cause(.0))]
    Unreachable(#[source] hyper_util::client::legacy::Error),
    /// The request was sent, at least in part; its effect is unknown.
    #[error("broke off: {}", root_cause(.0))]
    BrokenOff(#[source] hyper_util::client::legacy::Error),
    /// As `BrokenOff`: the host answered for a component that failed.
    #[error("the host answered {0} in the place of the service")]
    HostFailed(StatusCode),
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// Nothing was sent.
    #[error("others had it for {0:?}")]
    Busy(Duration),
    /// The request cannot be expressed towards the upstream.
    #[error("the request cannot be sent: {0}")]
    Unsendable(#[from] http::Error),
    #[error("there is no upstream")]
    Nowhere,
}

/// Pooled HTTP/1.1 connections to all upstreams; clones share them.
#[derive(Clone, Debug)]
pub struct Upstream {
    client: Client<HttpConnector, Full<Bytes>>,
    answer_within: Duration,
    load: Load,
    rooms: Arc<Rooms>,
}

/// What a request has until the end of its answer.
type Place = Option<OwnedSemaphorePermit>;

impl Upstream {
    pub fn new(settings: &Settings, load: Load) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(settings.connect_timeout));
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_CONNECTION)
            .build(connector);
        Self {
            client,
            answer_within: settings.upstream_timeout,
            load,
            rooms: Arc::new(Rooms::new(settings.max_in_flight)),
        }
    }

    /// Sends the request to the least busy of `upstreams` and gives its answer, streamed. A connection that cannot be
    /// made is tried once more in any case; after a failure behind it, or for an answer that does not
    /// come, the request is asked again as often as `patience` has attempts, and once more. All of that begins when the
    /// upstream has room for it. Of several
    /// upstreams each attempt asks the next, also when one says that it cannot serve.
    ///
    /// # Errors
    /// See [`UpstreamError`]; of the last attempt.
    pub async fn answer(
        &self,
        upstreams: &[Authority],
        head: request::Parts,
        body: Bytes,
        patience: &[Duration],
    ) -> Result<Response<ResponseBody>, UpstreamError> {
        let order = self.load.order(upstreams);
        let preferred = order.first().ok_or(UpstreamError::Nowhere)?;
        let place = timeout(self.answer_within, self.rooms.enter(preferred))
            .await
            .map_err(|_| UpstreamError::Busy(self.answer_within))?;
        // From here on, so that the time that an upstream has does not depend on who came before.
        let deadline = Instant::now() + self.answer_within;
        let mut turns = order.iter().cycle();
        let mut next = || turns.next().copied().ok_or(UpstreamError::Nowhere);
        let several = order.len() > 1;
        for within in patience {
            let upstream = next()?;
            let outcome = self.attempt(upstream, &head, body.clone(), *within).await;
            let error = match outcome {
                Ok((answer, _)) if several && cannot_serve(answer.status()) => {
                    UpstreamError::HostFailed(answer.status())
                }
                Ok(answered) => return Ok(self.streamed(answered, place)),
                Err(error @ UpstreamError::Unsendable(_)) => return Err(error),
                Err(error) => error,
            };
            if Instant::now() >= deadline {
                return Err(error);
            }
            debug!(%upstream, %error, "asking once more");
            // The same one needs a while; another does not.
            if !several && !matches!(error, UpstreamError::TimedOut(_)) {
                sleep(SECOND_ATTEMPT_AFTER).await;
            }
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let first = self.attempt(next()?, &head, body.clone(), left).await;
        let outcome = match first {
            Err(UpstreamError::Unreachable(error)) if patience.is_empty() => {
                debug!(%error, "trying once more");
                sleep(SECOND_ATTEMPT_AFTER).await;
                self.attempt(next()?, &head, body, self.answer_within).await
            }
            outcome => outcome,
        };
        outcome.map(|answered| self.streamed(answered, place))
    }

    /// The upstream's status and its body up to `limit` bytes, asked once: for health checks.
    ///
    /// # Errors
    /// A description for operators.
    pub async fn ask(
        &self,
        upstream: &Authority,
        path: &'static str,
        limit: usize,
    ) -> Result<(StatusCode, Bytes), String> {
        let (head, ()) = Request::get(path)
            .body(())
            .map_err(|error| error.to_string())?
            .into_parts();
        let request = self.request(upstream, &head, Bytes::new());
        let answer = self
            .client
            .request(request.map_err(|error| error.to_string())?)
            .await
            .map_err(|error| classified(error).to_string())?;
        let status = answer.status();
        let body = http_body_util::Limited::new(answer.into_body(), limit)
            .collect()
            .await
            .map_err(|error| error.to_string())?;
        Ok((status, body.to_bytes()))
    }

    /// One attempt, in a span of its own, which the upstream is told of.
    async fn attempt(
        &self,
        upstream: &Authority,
        head: &request::Parts,
        body: Bytes,
        within: Duration,
    ) -> Result<(Response<Incoming>, InFlight), UpstreamError> {
        let mut request = self.request(upstream, head, body)?;
        let span = telemetry::attempt(&head.method, upstream);
        telemetry::pass_on(&span, request.headers_mut());
        let exchange = self.exchange(upstream, request, within);
        let outcome = exchange.instrument(span.clone()).await;
        let status = outcome.as_ref().ok().map(|(answer, _)| answer.status());
        telemetry::ended(&span, status);
        outcome
    }

    async fn exchange(
        &self,
        upstream: &Authority,
        request: Request<Full<Bytes>>,
        within: Duration,
    ) -> Result<(Response<Incoming>, InFlight), UpstreamError> {
        let in_flight = self.load.begin(upstream);
        let answer = timeout(within, self.client.request(request))
            .await
            .map_err(|_| UpstreamError::TimedOut(within))?
            .map_err(classified)?;
        if made_by_host(&answer) {
            return Err(UpstreamError::HostFailed(answer.status()));
        }
        Ok((answer, in_flight))
    }

    fn request(
        &self,
        upstream: &Authority,
        head: &request::Parts,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, http::Error> {
        let target = head.uri.path_and_query().cloned();
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = head.method.clone();
        *request.version_mut() = Version::HTTP_11;
        *request.uri_mut() = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(upstream.clone())
            .path_and_query(target.unwrap_or(PathAndQuery::from_static("/")))
            .build()?;
        *request.headers_mut() = head.headers.clone();
        Ok(request)
    }

    /// The same time that the answer's head had is given to every further part of it.
    fn streamed(
        &self,
        (answer, in_flight): (Response<Incoming>, InFlight),
        place: Place,
    ) -> Response<ResponseBody> {
        let within = self.answer_within;
        answer.map(|body| {
            let counted = body.map_frame(move |frame| {
                let _until_the_end = (&in_flight, &place);
                frame
            });
            TimeoutBody::new(within, counted).boxed_unsync()
        })
    }
}

fn classified(error: hyper_util::client::legacy::Error) -> UpstreamError {
    if error.is_connect() {
        UpstreamError::Unreachable(error)
    } else {
        UpstreamError::BrokenOff(error)
    }
}

/// The client's own texts say which phase failed; what went wrong is at the end of the chain.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .last()
        .map_or_else(String::new, ToString::to_string)
}

/// An upstream that says that it, or what is behind it, is not there; its equals may be.
fn cannot_serve(status: StatusCode) -> bool {
    [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE].contains(&status)
}

/// The services answer in JSON, errors too; a server error in another type comes from the host,
/// which could not run the component. A switch of protocols was never asked for.
fn made_by_host<B>(answer: &Response<B>) -> bool {
    let json = answer
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    (answer.status().is_server_error() && !json)
        || answer.status() == StatusCode::SWITCHING_PROTOCOLS
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_server_error_without_json_was_made_by_the_host() {
        let answer = |status: u16, kind: Option<&'static str>| {
            let mut answer = Response::new(());
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            if let Some(kind) = kind {
                let kind = HeaderValue::from_static(kind);
                answer.headers_mut().insert(CONTENT_TYPE, kind);
            }
            made_by_host(&answer)
        };
        assert!(answer(500, None));
        assert!(answer(500, Some("text/plain")));
        assert!(answer(101, None));
        assert!(!answer(500, Some("application/json; charset=utf-8")));
        assert!(!answer(404, None));
        assert!(!answer(200, Some("text/html")));
    }
}
