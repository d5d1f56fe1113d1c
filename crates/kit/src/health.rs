//! `GET /healthz` of a service: whether what it depends on answers.

use http::StatusCode;
use serde_json::json;

use crate::{ApiError, Database, Response};

/// 200 when `database` answers.
///
/// # Errors
/// 503 naming the service's database when it does not.
pub fn health(service: &str, database: &impl Database) -> Result<Response, ApiError> {
    match database.query("select 1", &[]) {
        Ok(_) => Ok(crate::json(StatusCode::OK, &json!({ "status": "ok" }))),
        Err(error) => Err(ApiError::unavailable(
            format!("The database of {service} does not answer"),
            error.to_string(),
        )),
    }
}
