//! The hashing of passwords as the services see it. A trait, so that the same rules run over `ticketing:password` in a
//! component and natively in a test.

use thiserror::Error;

use crate::ApiError;

/// Why a password was neither hashed nor verified. Says nothing about it.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HashingError {
    /// Too many others wait already.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// What is stored is no hash, or none that is accepted.
    #[error("the stored hash of a password is malformed: {0}")]
    InvalidHash(String),
    /// Something else.
    #[error("{0}")]
    Failed(String),
}

impl From<HashingError> for ApiError {
    fn from(error: HashingError) -> Self {
        let message = match error {
            HashingError::Busy => {
                "Too many people are signing in right now, please try again in a moment"
            }
            HashingError::InvalidHash(_) | HashingError::Failed(_) => {
                "Signing in does not work right now, please try again"
            }
        };
        Self::unavailable(message, error.to_string())
    }
}

/// Makes and verifies hashes of passwords, slowly on purpose. Remembers nothing.
pub trait PasswordHasher {
    /// A hash of `password` with a salt of its own, as a PHC string: it names its algorithm and parameters, so that they can
    /// be raised later and older hashes still be verified.
    ///
    /// # Errors
    /// [`HashingError`].
    fn hash(&self, password: &str) -> Result<String, HashingError>;

    /// Whether `password` is the one that `hash` was made of. For an account that does not exist there is no hash, and the
    /// answer takes as long to be no.
    ///
    /// # Errors
    /// [`HashingError`].
    fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, HashingError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_storm_is_no_fault_of_the_visitor_and_passes() {
        let response = ApiError::from(HashingError::Busy).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "1");
    }

    #[test]
    fn nothing_of_a_stored_hash_is_told() {
        let error = HashingError::InvalidHash("salt invalid".to_owned());
        let response = ApiError::from(error).into_response();
        assert_eq!(response.status(), 503);
        assert!(!String::from_utf8_lossy(response.body()).contains("salt"));
    }
}
