//! `wasi:config/store`: the configuration that the manifest gives a component.

use kit::ApiError;
use thiserror::Error;

use crate::bindings::imports::wasi::config::store;

/// A value that the service cannot run without, or cannot make sense of.
#[derive(Debug, Error)]
#[error("configuration {name}: {reason}")]
pub struct ConfigError {
    name: &'static str,
    reason: String,
}

impl ConfigError {
    /// `name` cannot be had, and why.
    pub(crate) fn unavailable(name: &'static str, reason: impl Into<String>) -> Self {
        Self {
            name,
            reason: reason.into(),
        }
    }

    /// `name` is there but wrong, and why.
    pub fn malformed(name: &'static str, reason: impl ToString) -> Self {
        Self {
            name,
            reason: reason.to_string(),
        }
    }
}

impl From<ConfigError> for ApiError {
    fn from(error: ConfigError) -> Self {
        Self::unavailable("The shop is not set up correctly", error.to_string())
    }
}

/// The value of `name`; `None` when the manifest gives none, or an empty one.
///
/// # Errors
/// When the host cannot say.
pub fn optional(name: &'static str) -> Result<Option<String>, ConfigError> {
    match store::get(name) {
        Ok(value) => Ok(value.filter(|value| !value.is_empty())),
        Err(store::Error::Upstream(reason) | store::Error::Io(reason)) => {
            Err(ConfigError { name, reason })
        }
    }
}

/// The value of `name`.
///
/// # Errors
/// When there is none, or the host cannot say.
pub fn required(name: &'static str) -> Result<String, ConfigError> {
    optional(name)?.ok_or_else(|| ConfigError {
        name,
        reason: "is missing".to_owned(),
    })
}
