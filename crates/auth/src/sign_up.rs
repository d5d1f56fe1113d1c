//! A visitor makes an account.

use kit::{ApiError, Database, Fields, KeyValue, PasswordHasher};
use uuid::Uuid;

use crate::email::EmailError;
use crate::random::random;
use crate::session::{Begun, Sessions};
use crate::{AuthError, Email, User, password, user};

/// What a visitor filled in, fit to become an account.
pub struct SignUp {
    email: Email,
    password: String,
}

impl SignUp {
    /// Reads what a client sent.
    ///
    /// # Errors
    /// 400 with a message for each field that is wrong.
    pub fn read(fields: &Fields) -> Result<Self, ApiError> {
        let email = fields
            .text("email")
            .ok_or(EmailError)
            .and_then(Email::parse);
        let password = fields.text("password").unwrap_or_default();
        match (email, password::check_length(password)) {
            (Ok(email), Ok(())) => Ok(Self {
                email,
                password: password.to_owned(),
            }),
            (email, length) => {
                let email = email.err().map(|error| ("email", error.to_string()));
                let password = length.err().map(|error| ("password", error.to_string()));
                Err(ApiError::fields(
                    email.into_iter().chain(password).collect(),
                ))
            }
        }
    }

    /// Who owns the names of these requests, before there is an account.
    #[must_use]
    pub fn name_space(&self) -> Uuid {
        self.email.name_space()
    }
}

/// Makes the account and begins its first session. The account comes last: whoever is told that it
/// did not work because something is down has no account, and can try again with the same address.
/// `write`, when the request has a name, becomes the account's id: asked again with the same
/// password, it is no error that the account is there.
///
/// # Errors
/// [`AuthError::EmailInUse`], or something that does not answer.
pub fn sign_up<B: KeyValue>(
    database: &impl Database,
    sessions: &Sessions<B>,
    hasher: &impl PasswordHasher,
    form: &SignUp,
    write: Option<Uuid>,
) -> Result<Begun, AuthError> {
    let hash = hasher.hash(&form.password)?;
    let id = match write {
        Some(write) => write,
        None => uuid::Builder::from_random_bytes(random()?).into_uuid(),
    };
    let user = User {
        id,
        email: form.email.as_str().to_owned(),
    };
    let begun = sessions.begin(&user)?;
    let made = match user::insert(database, &user, &hash) {
        Err(AuthError::EmailInUse) => was_made_already(database, hasher, form, id),
        made => made,
    };
    if let Err(error) = made {
        sessions.end(begun.session.session_id)?;
        return Err(error);
    }
    Ok(begun)
}

/// Whether the account that is there was made by this very request.
///
/// # Errors
/// [`AuthError::EmailInUse`] when it was not, or something that does not answer.
fn was_made_already(
    database: &impl Database,
    hasher: &impl PasswordHasher,
    form: &SignUp,
    id: Uuid,
) -> Result<(), AuthError> {
    match user::find(database, &form.email)? {
        Some((user, hash)) if user.id == id && hasher.verify(&form.password, Some(&hash))? => {
            Ok(())
        }
        _ => Err(AuthError::EmailInUse),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Hasher, Memory, Users, fields};
    use kit::HashingError;
    use serde_json::json;

    fn wrong_fields(body: serde_json::Value) -> Vec<&'static str> {
        let error = SignUp::read(&fields(&body)).err().unwrap();
        error
            .messages()
            .iter()
            .filter_map(|message| message.field)
            .collect()
    }

    fn form(email: &str) -> SignUp {
        SignUp::read(&fields(
            &json!({"email": email, "password": "correct horse"}),
        ))
        .ok()
        .unwrap()
    }

    fn no_sessions() -> Sessions<Memory> {
        Sessions::new(Memory::default(), Memory::default())
    }

    /// Signs up with `email`, once.
    fn signs_up(
        users: &Users,
        sessions: &Sessions<Memory>,
        hasher: &Hasher,
        email: &str,
    ) -> Result<Begun, AuthError> {
        sign_up(users, sessions, hasher, &form(email), None)
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        assert_eq!(
            wrong_fields(json!({"email": "x", "password": "short"})),
            ["email", "password"]
        );
        assert_eq!(wrong_fields(json!({})), ["email", "password"]);
        assert_eq!(
            wrong_fields(json!({"email": ["a@b.co"], "password": 12345678})),
            ["email", "password"]
        );
        assert_eq!(
            wrong_fields(json!({"email": "a@b.co", "password": null})),
            ["password"]
        );
        assert_eq!(
            wrong_fields(json!({"email": null, "password": "correct horse"})),
            ["email"]
        );
    }

    #[test]
    fn a_new_account_has_a_session_at_once() {
        let (users, sessions) = (Users::default(), no_sessions());
        let begun = signs_up(&users, &sessions, &Hasher::default(), "ann@example.com").unwrap();
        assert_eq!(begun.session.email, "ann@example.com");
        assert!(sessions.renew(&begun.refresh_token).is_ok());
    }

    #[test]
    fn an_address_has_one_account_in_whatever_case_it_is_typed() {
        let (users, sessions) = (Users::default(), no_sessions());
        signs_up(&users, &sessions, &Hasher::default(), "ann@example.com").unwrap();
        let again = signs_up(&users, &sessions, &Hasher::default(), "ANN@example.com");
        assert!(matches!(again, Err(AuthError::EmailInUse)));
    }

    #[test]
    fn the_same_request_again_gets_the_same_account_and_with_another_password_none() {
        let (users, sessions) = (Users::default(), no_sessions());
        let write = Some(Uuid::from_u128(7));
        let ann = form("ann@example.com");
        let first = sign_up(&users, &sessions, &Hasher::default(), &ann, write).unwrap();
        let again = sign_up(&users, &sessions, &Hasher::default(), &ann, write).unwrap();
        assert_eq!(again.session.user_id, first.session.user_id);
        assert!(sessions.renew(&again.refresh_token).is_ok());

        let other = SignUp {
            password: "battery staple".to_owned(),
            ..ann
        };
        let refused = sign_up(&users, &sessions, &Hasher::default(), &other, write);
        assert!(matches!(refused, Err(AuthError::EmailInUse)));
    }

    #[test]
    fn no_account_is_made_while_the_store_is_down() {
        let (users, sessions) = (
            Users::default(),
            Sessions::new(Memory::down(), Memory::down()),
        );
        let refused = signs_up(&users, &sessions, &Hasher::default(), "ann@example.com");
        assert!(matches!(refused, Err(AuthError::KeyValue(_))));
        assert!(users.is_empty());
    }

    #[test]
    fn no_account_is_made_while_too_many_wait_for_a_hash() {
        let (users, sessions) = (Users::default(), no_sessions());
        let refused = signs_up(&users, &sessions, &Hasher::busy(), "ann@example.com");
        assert!(matches!(
            refused,
            Err(AuthError::Hashing(HashingError::Busy))
        ));
        assert!(users.is_empty());
    }
}
