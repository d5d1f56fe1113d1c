//! A visitor proves that an account is theirs.

use kit::{Database, Fields, KeyValue, PasswordHasher};

use crate::{AuthError, Email, Throttle, User, user};

/// An email address and a password, whatever they are worth.
pub struct Credentials {
    email: Email,
    password: String,
}

impl Credentials {
    /// Reads what a client sent. What cannot be anybody's address or password is as good as a wrong
    /// one; it is refused without a look, since it says nothing about who has an account.
    ///
    /// # Errors
    /// [`AuthError::InvalidCredentials`].
    pub fn read(fields: &Fields) -> Result<Self, AuthError> {
        let email = fields
            .text("email")
            .and_then(|text| Email::parse(text).ok());
        match (email, fields.text("password")) {
            (Some(email), Some(password)) => Ok(Self {
                email,
                password: password.to_owned(),
            }),
            _ => Err(AuthError::InvalidCredentials),
        }
    }
}

/// Whose credentials these are. An unknown address and a wrong password have the same answer, after
/// the same time, and both count against the address: whether it has an account shows in nothing.
///
/// # Errors
/// [`AuthError::InvalidCredentials`], [`AuthError::Throttled`], or something that does not answer.
pub fn sign_in(
    database: &impl Database,
    failures: &impl KeyValue,
    hasher: &impl PasswordHasher,
    credentials: &Credentials,
    now: u64,
) -> Result<User, AuthError> {
    let Credentials { email, password } = credentials;
    let throttle = Throttle::new(email, now);
    throttle.check(failures)?;
    let known = user::find(database, email)?;
    let hash = known.as_ref().map(|(_, hash)| hash.as_str());
    let right = hasher.verify(password, hash)?;
    match known {
        Some((user, _)) if right => Ok(user),
        _ => {
            throttle.count_failure(failures)?;
            Err(AuthError::InvalidCredentials)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Hasher, Memory, Users, fields};
    use crate::{MAX_FAILURES, WINDOW_SECONDS};
    use kit::HashingError;
    use serde_json::json;

    const NOW: u64 = 1_800_000_000;

    fn credentials(email: &str, password: &str) -> Credentials {
        Credentials::read(&fields(&json!({"email": email, "password": password})))
            .ok()
            .unwrap()
    }

    fn ann() -> Users {
        Users::with("ann@example.com", "correct horse")
    }

    #[test]
    fn the_right_password_says_who_it_is_in_whatever_case_the_address_is_typed() {
        let user = sign_in(
            &ann(),
            &Memory::default(),
            &Hasher::default(),
            &credentials("Ann@Example.COM", "correct horse"),
            NOW,
        );
        assert_eq!(user.unwrap().email, "ann@example.com");
    }

    #[test]
    fn an_unknown_address_and_a_wrong_password_are_told_alike() {
        let (failures, hasher) = (Memory::default(), Hasher::default());
        for wrong in [
            credentials("ann@example.com", "wrong horse"),
            credentials("bob@example.com", "correct horse"),
        ] {
            let refused = sign_in(&ann(), &failures, &hasher, &wrong, NOW).unwrap_err();
            assert!(matches!(refused, AuthError::InvalidCredentials));
        }
        assert_eq!(failures.len(), 2, "both count");
        assert_eq!(hasher.verified(), 2, "both take their time");
    }

    #[test]
    fn what_cannot_be_a_credential_is_an_invalid_one() {
        for body in [
            json!({}),
            json!({"email": "ann@example.com"}),
            json!({"password": "x"}),
            json!({"email": 1, "password": true}),
            json!({"email": "ann\u{0}@example.com", "password": "x"}),
        ] {
            assert!(
                matches!(
                    Credentials::read(&fields(&body)),
                    Err(AuthError::InvalidCredentials)
                ),
                "{body}"
            );
        }
    }

    #[test]
    fn after_ten_failures_even_the_right_password_has_to_wait() {
        let failures = Memory::default();
        let email = Email::parse("ann@example.com").unwrap();
        for _ in 0..MAX_FAILURES {
            Throttle::new(&email, NOW).count_failure(&failures).unwrap();
        }
        let right = credentials("ann@example.com", "correct horse");
        let hasher = Hasher::default();
        assert!(matches!(
            sign_in(&ann(), &failures, &hasher, &right, NOW),
            Err(AuthError::Throttled(_))
        ));
        assert_eq!(hasher.verified(), 0, "who waits costs nothing");
        assert!(sign_in(&ann(), &failures, &hasher, &right, NOW + WINDOW_SECONDS).is_ok());
    }

    #[test]
    fn a_password_that_nobody_had_the_time_to_verify_counts_nothing() {
        let failures = Memory::default();
        let wrong = credentials("ann@example.com", "wrong horse");
        let refused = sign_in(&ann(), &failures, &Hasher::busy(), &wrong, NOW);
        assert!(matches!(
            refused,
            Err(AuthError::Hashing(HashingError::Busy))
        ));
        assert_eq!(failures.len(), 0);
    }

    #[test]
    fn a_success_counts_nothing() {
        let failures = Memory::default();
        sign_in(
            &ann(),
            &failures,
            &Hasher::default(),
            &credentials("ann@example.com", "correct horse"),
            NOW,
        )
        .unwrap();
        assert_eq!(failures.len(), 0);
    }
}
