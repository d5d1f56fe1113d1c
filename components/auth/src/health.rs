//! `GET /healthz`: whether accounts and sessions can be reached.

use edge::Postgres;
use kit::{ApiError, Response};

use crate::buckets;

pub fn check() -> Result<Response, ApiError> {
    let healthy = kit::health("auth", &Postgres)?;
    buckets::check().map_err(|error| {
        ApiError::unavailable(
            "The key-value store of auth does not answer",
            error.to_string(),
        )
    })?;
    Ok(healthy)
}
