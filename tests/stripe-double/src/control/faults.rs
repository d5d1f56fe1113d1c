//! Faults: set, seen and cleared.

use super::{Answer, Control, ControlError};
use crate::api::Fault;
use axum::Json;
use axum::extract::{Path, State};
use serde_json::json;

/// `POST /_control/faults`
pub async fn add(State(control): State<Control>, Json(fault): Json<Fault>) -> Answer {
    Ok(Json(json!({ "id": control.api.faults.add(fault) })))
}

/// `GET /_control/faults`
pub async fn list(State(control): State<Control>) -> Answer {
    Ok(Json(json!({ "faults": control.api.faults.all() })))
}

/// `DELETE /_control/faults/:id`
pub async fn clear(State(control): State<Control>, Path(id): Path<u64>) -> Answer {
    if control.api.faults.clear(id) {
        Ok(Json(json!({})))
    } else {
        Err(ControlError::NotFound)
    }
}

/// `DELETE /_control/faults`
pub async fn clear_all(State(control): State<Control>) -> Answer {
    control.api.faults.clear_all();
    Ok(Json(json!({})))
}
