//! Passwords: kept as argon2id hashes at the parameters that OWASP's Password Storage Cheat Sheet gives.

use std::ops::RangeInclusive;

use argon2::password_hash::{
    Error as HashError, PasswordHash, PasswordHasher, PasswordVerifier, SaltString,
};
use argon2::{Algorithm, Argon2, Params, Version};
use thiserror::Error;

use crate::AuthError;
use crate::random::random;

/// How many characters a password may have.
const CHARS: RangeInclusive<usize> = 8..=128;

/// Memory for one hash, in KiB.
const MEMORY_KIB: u32 = 19_456;
/// Passes over that memory.
const PASSES: u32 = 2;
/// Lanes that could be computed in parallel.
const LANES: u32 = 1;
/// Bytes of salt, as RFC 9106 recommends.
const SALT_BYTES: usize = 16;

/// A hash that no password has, at the same parameters as all the others.
const NOBODYS_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Text that is no password to sign up with.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("Password must be between 8 and 128 characters")]
pub struct PasswordError;

/// Checks that a new password is neither too short to guess nor absurdly long.
///
/// # Errors
/// [`PasswordError`].
pub fn check_length(password: &str) -> Result<(), PasswordError> {
    if CHARS.contains(&password.chars().count()) {
        Ok(())
    } else {
        Err(PasswordError)
    }
}

/// The hash of `password` with a salt of its own, as a PHC string: it names its parameters, so that
/// they can be raised later and older hashes still be verified.
///
/// # Errors
/// [`AuthError::Random`] and [`AuthError::Hash`].
pub fn hash(password: &str) -> Result<String, AuthError> {
    let failed = |error: &dyn std::fmt::Display| AuthError::Hash(error.to_string());
    let salt = SaltString::encode_b64(&random::<SALT_BYTES>()?).map_err(|error| failed(&error))?;
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| failed(&error))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|error| failed(&error))
}

/// Whether `password` is the one that `hash` was made of. For an account that does not exist there is
/// no hash, and the answer takes as long to be no.
///
/// # Errors
/// [`AuthError::Stored`] when the hash is none.
pub fn verify(password: &str, hash: Option<&str>) -> Result<bool, AuthError> {
    let stored = |error: HashError| AuthError::Stored("password hash", error.to_string());
    let parsed = PasswordHash::new(hash.unwrap_or(NOBODYS_HASH)).map_err(stored)?;
    match Argon2::default().verify_password(password.as_bytes(), &parsed) {
        Ok(()) => Ok(hash.is_some()),
        Err(HashError::Password) => Ok(false),
        Err(error) => Err(stored(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_has_8_to_128_characters_of_any_script() {
        assert_eq!(check_length(&"é".repeat(7)), Err(PasswordError));
        assert_eq!(check_length(&"é".repeat(8)), Ok(()));
        assert_eq!(check_length(&"é".repeat(128)), Ok(()));
        assert_eq!(check_length(&"é".repeat(129)), Err(PasswordError));
    }

    #[test]
    fn a_hash_is_verified_by_its_password_only() {
        let hash = hash("correct horse").unwrap();
        assert!(verify("correct horse", Some(&hash)).unwrap());
        assert!(!verify("correct horsf", Some(&hash)).unwrap());
    }

    #[test]
    fn equal_passwords_have_different_hashes() {
        assert_ne!(
            hash("correct horse").unwrap(),
            hash("correct horse").unwrap()
        );
    }

    #[test]
    fn an_unknown_account_costs_what_a_known_one_costs() {
        let parameters = |phc: &str| phc.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(
            parameters(NOBODYS_HASH),
            parameters(&hash("correct horse").unwrap())
        );
        assert!(!verify("correct horse", None).unwrap());
    }

    #[test]
    fn a_stored_hash_that_is_none_is_an_error_of_ours() {
        assert!(matches!(
            verify("x", Some("plain text")),
            Err(AuthError::Stored(..))
        ));
    }
}
