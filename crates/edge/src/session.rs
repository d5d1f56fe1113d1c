//! Who sent a request, by the public keys that the configuration lists.

use kit::{ApiError, Request, Session, Verifier};

use crate::config::{ConfigError, required};

/// The verifier for `SESSION_PUBLIC_KEYS`.
///
/// # Errors
/// When the configuration is missing or malformed.
pub fn verifier() -> Result<Verifier, ConfigError> {
    const NAME: &str = "SESSION_PUBLIC_KEYS";
    Verifier::from_public_keys(&required(NAME)?)
        .map_err(|error| ConfigError::malformed(NAME, error))
}

/// Who sent `request`.
///
/// # Errors
/// 401 when nobody is signed in; 503 when the configuration is not right.
pub fn signed_in(request: &Request) -> Result<Session, ApiError> {
    verifier()?.require(request)
}
