//! The latest requests of the API.

use super::{Answer, Control};
use axum::Json;
use axum::extract::State;
use serde_json::json;

/// `GET /_control/requests`
pub async fn latest(State(control): State<Control>) -> Answer {
    Ok(Json(json!({ "requests": control.api.requests.all() })))
}
