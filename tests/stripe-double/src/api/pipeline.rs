//! The way of every request: key, route, parameters, idempotency, the endpoint in one step, the answer.
//! Faults strike on either side of that step, which is where a caller cannot tell what has happened.

use super::call::Call;
use super::faults::{Fault, Faults, Reply, When};
use super::idempotency::{KeyedRequest, KeysInUse};
use super::requests::Requests;
use super::routes::{Route, route};
use super::{ApiKeys, cors};
use crate::ids;
use crate::store::{Change, Origin, Store, StoredAnswer, Transaction};
use crate::wire::{API_VERSION, Params, Stage, StripeError, expand};
use axum::body::{self, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use std::sync::Arc;

/// The largest body that is read, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Everything that answering takes.
pub struct Api {
    pub store: Arc<Store>,
    pub keys: ApiKeys,
    pub faults: Faults,
    pub requests: Requests,
    /// Where the buyer's browser reaches the double.
    pub public_url: String,
    /// Whether an intent takes cards alone unless it asks for more.
    pub cards_only: bool,
    in_use: KeysInUse,
}

/// Marks a response that must not be sent: the server closes the connection in its place.
#[derive(Debug, Clone, Copy)]
pub struct DropConnection;

/// What a request ends in.
enum Reaction {
    Answer(Answer),
    Silence,
}

struct Answer {
    status: u16,
    body: Value,
    /// Id of the request that this is the first answer to, when it is a repetition.
    original_request: Option<String>,
}

impl From<StripeError> for Answer {
    fn from(error: StripeError) -> Self {
        Self {
            status: error.status,
            body: error.body(),
            original_request: None,
        }
    }
}

/// Answers any request under `/v1`.
pub async fn serve(State(api): State<Arc<Api>>, request: Request) -> Response {
    if request.method() == Method::OPTIONS {
        return cors::preflight();
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = body::to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // On a task of its own, because Stripe goes on with a request whose caller has hung up.
    match tokio::spawn(async move { api.answer(&parts, &body).await }).await {
        Ok(response) => response,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

impl Api {
    /// An API over a store.
    pub fn new(store: Arc<Store>, keys: ApiKeys, public_url: String, cards_only: bool) -> Self {
        Self {
            store,
            keys,
            faults: Faults::default(),
            requests: Requests::default(),
            public_url,
            cards_only,
            in_use: KeysInUse::default(),
        }
    }

    async fn answer(&self, parts: &Parts, body: &Bytes) -> Response {
        self.requests.add(parts);
        let request_id = ids::new("req");
        let key = idempotency_key(parts);
        let reaction = match self.react(parts, body, &request_id, key).await {
            Ok(reaction) => reaction,
            Err(error) => Reaction::Answer(error.into()),
        };
        let answer = match reaction {
            Reaction::Answer(answer) => answer,
            Reaction::Silence => {
                let mut response = StatusCode::BAD_GATEWAY.into_response();
                response.extensions_mut().insert(DropConnection);
                return response;
            }
        };
        tracing::info!(method = %parts.method, path = parts.uri.path(), key, status = answer.status, request_id);
        render(answer, &request_id, key)
    }

    async fn react(
        &self,
        parts: &Parts,
        body: &Bytes,
        request_id: &str,
        key: Option<&str>,
    ) -> Result<Reaction, StripeError> {
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let fault = self.faults.take(method, path);

        let route = route(method, path).ok_or_else(|| unknown_url(method, path));
        self.keys.check(
            &parts.headers,
            route.as_ref().is_ok_and(|route| route.publishable),
        )?;
        let route = route?;
        let params = params(parts, body)?;
        let keyed = match key {
            Some(key) => Some(KeyedRequest::new(key, path, params.fingerprint())?),
            None => None,
        };
        let _in_use = match &keyed {
            Some(keyed) => Some(self.in_use.enter(&keyed.key)?),
            None => None,
        };

        if let Some(reply) = strike(fault.as_ref(), When::Before).await {
            return Ok(reply);
        }
        let instead = fault.as_ref().and_then(stored_status);
        let origin = Origin {
            request_id: Some(request_id.to_owned()),
            idempotency_key: key.map(str::to_owned),
            public_url: self.public_url.clone(),
            cards_only: self.cards_only,
        };
        let answer = self
            .store
            .transact(origin, |tx| {
                execute(tx, route, params, keyed.as_ref(), request_id, instead)
            })
            .await
            .map_err(|error| {
                tracing::error!(%error, "a step could not be made durable");
                StripeError::outage(500)
            })?;
        if let Some(reply) = strike(fault.as_ref(), When::After).await {
            return Ok(reply);
        }
        Ok(Reaction::Answer(answer))
    }
}

/// The step itself: the kept answer, or the endpoint's, kept from now on if the endpoint had begun.
fn execute(
    tx: &mut Transaction<'_>,
    route: Route,
    params: Params,
    keyed: Option<&KeyedRequest>,
    request_id: &str,
    instead: Option<u16>,
) -> Answer {
    if let Some(keyed) = keyed
        && let Some(kept) = tx.books().answer(&keyed.key)
    {
        return match keyed.check(kept) {
            Ok(()) => Answer {
                status: kept.status,
                body: kept.body.clone(),
                original_request: Some(kept.request_id.clone()),
            },
            Err(error) => error.into(),
        };
    }
    let call = Call {
        id: route.id,
        params,
    };
    let (answer, begun) = match run(tx, route.endpoint, &call) {
        Ok(body) => (
            Answer {
                status: 200,
                body,
                original_request: None,
            },
            true,
        ),
        Err(error) => {
            let begun = error.stage == Stage::Execution;
            (error.into(), begun)
        }
    };
    if let Some(keyed) = keyed.filter(|_| begun) {
        let (status, body) = match instead {
            Some(status) => (status, StripeError::outage(status).body()),
            None => (answer.status, answer.body.clone()),
        };
        tx.record(Change::Answer(StoredAnswer {
            key: keyed.key.clone(),
            path: keyed.path.clone(),
            fingerprint: keyed.fingerprint.clone(),
            status,
            body,
            request_id: request_id.to_owned(),
        }));
    }
    answer
}

fn run(
    tx: &mut Transaction<'_>,
    endpoint: super::call::Endpoint,
    call: &Call,
) -> Result<Value, StripeError> {
    let answer = endpoint(tx, call)?;
    expand(answer, &call.params, |id| tx.books().object(id)).map_err(|mut error| {
        // The endpoint has done its work by now, so the key has to keep even this answer.
        error.stage = Stage::Execution;
        error
    })
}

async fn strike(fault: Option<&Fault>, side: When) -> Option<Reaction> {
    let fault = fault.filter(|fault| fault.when == side)?;
    fault.delay().await;
    match fault.reply? {
        Reply::Nothing(_) => Some(Reaction::Silence),
        Reply::Status(status) => Some(Reaction::Answer(StripeError::outage(status).into())),
    }
}

/// The status that a fault leaves under the idempotency key in place of the true answer.
fn stored_status(fault: &Fault) -> Option<u16> {
    match fault.reply? {
        Reply::Status(status) if fault.when == When::After && fault.stored => Some(status),
        _ => None,
    }
}

/// Only a POST has a use for a key; Stripe ignores it elsewhere.
fn idempotency_key(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get("idempotency-key")?.to_str().ok()?;
    (parts.method == Method::POST && !value.is_empty()).then_some(value)
}

fn params(parts: &Parts, body: &Bytes) -> Result<Params, StripeError> {
    let query = parts.uri.query().unwrap_or_default();
    if body.is_empty() {
        return Params::parse(query);
    }
    let form = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_none_or(|value| value.starts_with("application/x-www-form-urlencoded"));
    let text = std::str::from_utf8(body).ok().filter(|_| form).ok_or_else(|| {
        StripeError::invalid_request(
            "Invalid request (check that your POST content type is application/x-www-form-urlencoded). If you have \
             any questions, we can help at https://support.stripe.com/.",
        )
        .unstored()
    })?;
    if query.is_empty() {
        Params::parse(text)
    } else {
        Params::parse(&format!("{query}&{text}"))
    }
}

fn unknown_url(method: &str, path: &str) -> StripeError {
    StripeError::invalid_request(format!(
        "Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at \
         https://support.stripe.com/."
    ))
    .status(404)
    .unstored()
}

fn render(answer: Answer, request_id: &str, key: Option<&str>) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, format!("{:#}", answer.body)).into_response();
    let headers = response.headers_mut();
    cors::permit(headers);
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("content-type", "application/json");
    set("request-id", request_id);
    set("stripe-version", API_VERSION);
    if let Some(key) = key {
        set("idempotency-key", key);
    }
    if let Some(original) = &answer.original_request {
        set("idempotent-replayed", "true");
        set("original-request", original);
    }
    response
}
