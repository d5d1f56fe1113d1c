//! The control API under `/_control`: what a test does that no caller of Stripe can.
//! JSON in and out, no key: the double listens on loopback.

mod dashboard;
mod faults;
mod ledger;
mod requests;
mod search;
mod webhooks;

use crate::api::Api;
use crate::clock::SignatureClock;
use crate::store::{Change, JournalError, Origin};
use crate::webhooks::Dispatcher;
use crate::wire::StripeError;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What the control API works on.
#[derive(Clone)]
pub struct Control {
    pub api: Arc<Api>,
    pub dispatcher: Arc<Dispatcher>,
    pub clock: Arc<SignatureClock>,
}

/// Everything under `/_control`.
pub fn router(control: Control) -> Router {
    let routes = Router::new()
        .route("/ledger", get(ledger::ledger))
        .route("/requests", get(requests::latest))
        .route("/reset", post(reset))
        .route("/clock", put(set_clock))
        .route("/search", put(search::set_lag))
        .route("/idempotency_keys/expire", post(expire_keys))
        .route(
            "/faults",
            get(faults::list)
                .post(faults::add)
                .delete(faults::clear_all),
        )
        .route("/faults/{id}", delete(faults::clear))
        .route("/webhooks", get(webhooks::deliveries))
        .route(
            "/webhooks/policy",
            get(webhooks::policy).put(webhooks::set_policy),
        )
        .route("/webhooks/release", post(webhooks::release))
        .route("/webhooks/resend", post(webhooks::resend))
        .route(
            "/webhook_endpoints",
            get(webhooks::endpoints).post(webhooks::add_endpoint),
        )
        .route("/webhook_endpoints/{id}", delete(webhooks::remove_endpoint))
        .route("/dashboard/refunds", post(dashboard::refund))
        .route("/dashboard/disputes", post(dashboard::dispute))
        .route("/dashboard/authentications", post(dashboard::authenticate))
        .with_state(control);
    Router::new().nest("/_control", routes)
}

/// What went wrong, for the test that asked.
enum ControlError {
    Refused(StripeError),
    Journal(JournalError),
    NotFound,
}

impl From<StripeError> for ControlError {
    fn from(error: StripeError) -> Self {
        Self::Refused(error)
    }
}

impl From<JournalError> for ControlError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(error) => {
                let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
                (status, Json(error.body())).into_response()
            }
            Self::Journal(error) => {
                let body = json!({ "error": { "message": error.to_string() } });
                (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
            }
            Self::NotFound => {
                let body = json!({ "error": { "message": "not found" } });
                (StatusCode::NOT_FOUND, Json(body)).into_response()
            }
        }
    }
}

type Answer = Result<Json<Value>, ControlError>;

/// `POST /_control/reset`: forgets everything but the configuration.
async fn reset(State(control): State<Control>) -> Answer {
    control.api.faults.clear_all();
    control.api.requests.clear();
    control.dispatcher.reset();
    control.clock.set_offset(0);
    let store = &control.api.store;
    store
        .transact(Origin::default(), |tx| tx.record(Change::Reset))
        .await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockRequest {
    offset_seconds: i64,
}

/// `PUT /_control/clock`: shifts the time that webhooks are signed with.
async fn set_clock(State(control): State<Control>, Json(request): Json<ClockRequest>) -> Answer {
    control.clock.set_offset(request.offset_seconds);
    Ok(Json(json!({ "offset_seconds": request.offset_seconds })))
}

/// `POST /_control/idempotency_keys/expire`: forgets all keys, as after a day.
async fn expire_keys(State(control): State<Control>) -> Answer {
    let store = &control.api.store;
    store
        .transact(Origin::default(), |tx| tx.record(Change::KeysExpired))
        .await?;
    Ok(Json(json!({})))
}
