//! What a call can fail with.

use crate::bindings::exports::ticketing::password::hasher;

/// Why there is no answer. No message holds a password or a hash.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// The queue is full; nothing was computed.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// What was given as a hash cannot be verified.
    #[error("the hash cannot be verified: {0}")]
    InvalidHash(String),
    /// The computation failed.
    #[error("the password cannot be hashed: {0}")]
    Failed(String),
}

impl HashError {
    pub(crate) fn invalid(reason: impl ToString) -> Self {
        Self::InvalidHash(reason.to_string())
    }

    pub(crate) fn failed(reason: impl ToString) -> Self {
        Self::Failed(reason.to_string())
    }
}

impl From<HashError> for hasher::Error {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::Busy,
            HashError::InvalidHash(reason) => Self::InvalidHash(reason),
            failed @ HashError::Failed(_) => Self::Other(failed.to_string()),
        }
    }
}
