//! `ticketing:password/hasher` as a [`kit::PasswordHasher`].

use kit::{HashingError, PasswordHasher};

use crate::bindings::imports::ticketing::password::hasher;

/// The hashing of passwords, behind the link that the manifest gives the service.
#[derive(Clone, Copy, Debug, Default)]
pub struct Passwords;

impl PasswordHasher for Passwords {
    fn hash(&self, password: &str) -> Result<String, HashingError> {
        hasher::hash(password).map_err(from_wit)
    }

    fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, HashingError> {
        hasher::verify(password, hash).map_err(from_wit)
    }
}

fn from_wit(error: hasher::Error) -> HashingError {
    match error {
        hasher::Error::Busy => HashingError::Busy,
        hasher::Error::InvalidHash(reason) => HashingError::InvalidHash(reason),
        hasher::Error::Other(reason) => HashingError::Failed(reason),
    }
}
