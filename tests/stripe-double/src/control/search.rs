//! How far Stripe's search lags behind its objects.

use super::{Answer, Control};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LagRequest {
    lag_seconds: i64,
}

/// `PUT /_control/search`
pub async fn set_lag(State(control): State<Control>, Json(request): Json<LagRequest>) -> Answer {
    control
        .api
        .store
        .note(|books| books.search_lag_seconds = request.lag_seconds);
    Ok(Json(json!({ "lag_seconds": request.lag_seconds })))
}
