//! `wasmcloud:secrets`: what the lattice's secrets backend has given the host for this component when it was started.
//! The host keeps it in memory, so asking for it costs no message.

use crate::bindings::imports::wasmcloud::secrets::reveal::reveal;
use crate::bindings::imports::wasmcloud::secrets::store::{self, SecretValue, SecretsError};
use crate::config::ConfigError;

/// The value of the secret `name`.
///
/// # Errors
/// When the manifest names none, or it is empty or no text.
pub fn secret(name: &'static str) -> Result<String, ConfigError> {
    let secret = store::get(name).map_err(|error| {
        let reason = match error {
            SecretsError::Upstream(reason) | SecretsError::Io(reason) => reason,
            SecretsError::NotFound => "is missing".to_owned(),
        };
        ConfigError::unavailable(name, reason)
    })?;
    match reveal(&secret) {
        SecretValue::String(value) if value.is_empty() => {
            Err(ConfigError::unavailable(name, "is empty"))
        }
        SecretValue::String(value) => Ok(value),
        SecretValue::Bytes(_) => Err(ConfigError::unavailable(name, "is no text")),
    }
}
