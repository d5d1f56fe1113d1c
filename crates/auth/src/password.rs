//! Which passwords there can be. How they are kept is a matter of [`kit::PasswordHasher`].

use std::ops::RangeInclusive;

use thiserror::Error;

/// How many characters a password may have.
const CHARS: RangeInclusive<usize> = 8..=128;

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
}
