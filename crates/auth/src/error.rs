//! Why a visitor gets no session: their own doing, or something that auth depends on.

use kit::{ApiError, HashingError, KeyValueError, SqlError};
use thiserror::Error;

/// An account or a session that there is not going to be.
#[derive(Debug, Error)]
pub enum AuthError {
    /// Somebody has an account with this email address.
    #[error("Email in use")]
    EmailInUse,
    /// The email address is unknown or the password is wrong: never said which.
    #[error("Invalid credentials")]
    InvalidCredentials,
    /// Too many wrong passwords for this email address; the window ends in so many seconds.
    #[error("too many failed attempts, {0} s to wait")]
    Throttled(u64),
    /// The refresh token is unknown, or its session is over.
    #[error("Not authorized")]
    NotAuthorized,
    /// The refresh token was used before: it is in two hands, and its session is revoked.
    #[error("a refresh token was used twice, its session is revoked")]
    Reused,
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] SqlError),
    /// The key-value store does not answer.
    #[error(transparent)]
    KeyValue(#[from] KeyValueError),
    /// A password is neither hashed nor verified.
    #[error(transparent)]
    Hashing(#[from] HashingError),
    /// What is stored cannot be read: a counter, a token's record.
    #[error("stored {0} is malformed: {1}")]
    Stored(&'static str, String),
    /// The host gives no random bytes.
    #[error("no random bytes: {0}")]
    Random(String),
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::EmailInUse => Self::field("email", error.to_string()),
            AuthError::InvalidCredentials => Self::bad_request(error.to_string()),
            AuthError::Throttled(seconds) => Self::too_many_attempts(seconds),
            AuthError::NotAuthorized | AuthError::Reused => Self::not_authorized(),
            AuthError::Database(error) => error.into(),
            AuthError::KeyValue(error) => error.into(),
            AuthError::Hashing(error) => error.into(),
            AuthError::Stored(..) | AuthError::Random(_) => Self::unavailable(
                "Signing in does not work right now, please try again",
                error.to_string(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_in_use_is_about_the_email_field() {
        let error = ApiError::from(AuthError::EmailInUse);
        assert_eq!(error, ApiError::field("email", "Email in use"));
    }

    #[test]
    fn a_throttled_visitor_is_told_when_to_come_back() {
        let response = ApiError::from(AuthError::Throttled(42)).into_response();
        assert_eq!(response.status(), 429);
        assert_eq!(response.headers()["retry-after"], "42");
    }

    #[test]
    fn a_reused_token_looks_like_any_other_that_is_no_good() {
        assert_eq!(
            ApiError::from(AuthError::Reused),
            ApiError::from(AuthError::NotAuthorized)
        );
    }
}
