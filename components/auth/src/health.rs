//! `GET /healthz`: whether accounts, sessions and the hashing of passwords can be reached.

use edge::{Passwords, Postgres};
use kit::{ApiError, HashingError, PasswordHasher as _, Response};

use crate::buckets;

pub fn check() -> Result<Response, ApiError> {
    let healthy = kit::health("auth", &Postgres)?;
    buckets::check().map_err(|error| {
        ApiError::unavailable(
            "The key-value store of auth does not answer",
            error.to_string(),
        )
    })?;
    // What is no hash is told so at once, however many wait for an answer that takes time.
    match Passwords.verify("", Some("")) {
        Err(HashingError::InvalidHash(_)) => Ok(healthy),
        other => Err(ApiError::unavailable(
            "The hashing of passwords does not answer",
            format!("what is no hash was not refused: {other:?}"),
        )),
    }
}
