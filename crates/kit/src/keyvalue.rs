//! The key-value store as the services see it: one bucket, small values, each call on its own.
//! A trait, so that the same rules run over `wasi:keyvalue` in a component and natively in a test.

use thiserror::Error;

use crate::ApiError;

/// The store refused or could not be reached.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("key-value store: {0}")]
pub struct KeyValueError(pub String);

impl From<KeyValueError> for ApiError {
    fn from(error: KeyValueError) -> Self {
        Self::unavailable(
            "The shop's session store does not answer, please try again",
            error.to_string(),
        )
    }
}

/// A bucket: its values expire by themselves, after the time that its configuration gives it.
pub trait KeyValue {
    /// The value of `key`.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError>;

    /// Sets `key`.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn set(&self, key: &str, value: &[u8]) -> Result<(), KeyValueError>;

    /// Removes `key`, if it is there.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn delete(&self, key: &str) -> Result<(), KeyValueError>;

    /// Adds one to `key`, atomically, and gives the new value: 1 for the first caller only.
    ///
    /// # Errors
    /// When the store cannot be reached.
    fn increment(&self, key: &str) -> Result<u64, KeyValueError>;
}
