//! Refresh tokens: random, of use once, and stored only as their hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::Session;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::AuthError;
use crate::digest::sha256_hex;
use crate::random::random;

/// How long a token can be used, in seconds: its cookie's life, and what its bucket's should be.
pub const REFRESH_TOKEN_SECONDS: u64 = 30 * 24 * 60 * 60;

/// Random bytes in a token: more than anyone can guess.
const BYTES: usize = 32;

/// A refresh token. Whoever has it may renew the session, once.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken(String);

impl RefreshToken {
    /// A new token.
    ///
    /// # Errors
    /// [`AuthError::Random`].
    pub fn generate() -> Result<Self, AuthError> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random::<BYTES>()?)))
    }

    /// Reads a token from a cookie; `None` when it cannot be one of ours.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == BYTES).then(|| Self(text.to_owned()))
    }

    /// The token as it stands in the cookie.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where its record is. Its hash, so that a copy of the store renews nobody's session.
    pub(crate) fn key(&self) -> String {
        sha256_hex(&self.0)
    }

    /// Where its uses are counted.
    pub(crate) fn uses_key(&self) -> String {
        format!("used.{}", self.key())
    }
}

/// What the store knows of a token: whose session it renews.
#[derive(Serialize, Deserialize)]
pub(crate) struct Record {
    session_id: Uuid,
    user_id: Uuid,
    email: String,
}

impl Record {
    pub(crate) fn write(session: &Session) -> Result<Vec<u8>, AuthError> {
        let Session {
            user_id,
            ref email,
            session_id,
        } = *session;
        let record = Self {
            session_id,
            user_id,
            email: email.clone(),
        };
        serde_json::to_vec(&record).map_err(|error| malformed(&error))
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Session, AuthError> {
        let Self {
            session_id,
            user_id,
            email,
        } = serde_json::from_slice(bytes).map_err(|error| malformed(&error))?;
        Ok(Session {
            user_id,
            email,
            session_id,
        })
    }
}

fn malformed(error: &serde_json::Error) -> AuthError {
    AuthError::Stored("refresh token", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = RefreshToken::generate().unwrap();
        assert!(RefreshToken::read(token.as_str()).is_some_and(|read| read == token));
    }

    #[test]
    fn no_two_tokens_are_alike() {
        assert!(RefreshToken::generate().unwrap() != RefreshToken::generate().unwrap());
    }

    #[test]
    fn what_cannot_be_a_token_is_not_looked_up() {
        for text in [
            "",
            "x",
            "a.b",
            "*",
            &"A".repeat(42),
            &"A".repeat(44),
            "used.0000",
        ] {
            assert!(RefreshToken::read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_store_does_not_learn_the_token() {
        let token = RefreshToken::generate().unwrap();
        assert!(!token.uses_key().contains(token.as_str()));
        assert_eq!(token.key().len(), 64);
    }
}
