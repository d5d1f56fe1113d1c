//! Sessions: from sign-in to sign-out, over many refresh tokens of which each works once.
//!
//! A token that comes twice is in two hands, and nobody can tell whose hand is the thief's: the whole
//! session ends (RFC 9700, 4.14.2). That is strict on purpose. A client whose answer was lost on the
//! way, or that renews from two tabs at once, signs in again; it should renew from one place only.

use kit::{KeyValue, Session};
use uuid::Uuid;

use crate::random::random;
use crate::refresh_token::Record;
use crate::{AuthError, RefreshToken, User};

/// A session that has just begun or been renewed: what the visitor's cookies are made of.
pub struct Begun {
    /// Who it is.
    pub session: Session,
    /// What renews it next.
    pub refresh_token: RefreshToken,
}

impl Begun {
    /// The account that it belongs to.
    #[must_use]
    pub fn user(&self) -> User {
        User {
            id: self.session.user_id,
            email: self.session.email.clone(),
        }
    }
}

/// The sessions that can be renewed, and the tokens that renew them.
pub struct Sessions<B> {
    /// Session ids. Never written again after the beginning: its bucket's lifetime is the longest
    /// that a session can live, however often it is renewed, and a sign-out cannot be undone by a
    /// renewal at the same moment.
    sessions: B,
    /// Records of tokens by hash, and how often each was used.
    tokens: B,
}

impl<B: KeyValue> Sessions<B> {
    /// Sessions in the buckets `sessions` and `tokens`.
    pub fn new(sessions: B, tokens: B) -> Self {
        Self { sessions, tokens }
    }

    /// Begins a session for `user`.
    ///
    /// # Errors
    /// When the store does not answer.
    pub fn begin(&self, user: &User) -> Result<Begun, AuthError> {
        let session_id = uuid::Builder::from_random_bytes(random()?).into_uuid();
        let session = Session {
            user_id: user.id,
            email: user.email.clone(),
            session_id,
        };
        self.sessions
            .set(&session_id.to_string(), user.id.to_string().as_bytes())?;
        self.issue(session)
    }

    /// Renews the session that `token` belongs to, and spends the token. The next one is stored
    /// before: a store that fails in between costs nobody their session.
    ///
    /// # Errors
    /// [`AuthError::NotAuthorized`] for an unknown token and a session that is over,
    /// [`AuthError::Reused`] for one that was spent, or a store that does not answer.
    pub fn renew(&self, token: &RefreshToken) -> Result<Begun, AuthError> {
        let session = self.find(token)?.ok_or(AuthError::NotAuthorized)?;
        if self
            .sessions
            .get(&session.session_id.to_string())?
            .is_none()
        {
            return Err(AuthError::NotAuthorized);
        }
        let session_id = session.session_id;
        let renewed = self.issue(session)?;
        if self.tokens.increment(&token.uses_key())? != 1 {
            self.end(session_id)?;
            return Err(AuthError::Reused);
        }
        Ok(renewed)
    }

    /// Ends a session: it no longer renews. Access tokens that are out stay valid for their rest.
    ///
    /// # Errors
    /// When the store does not answer.
    pub fn end(&self, session_id: Uuid) -> Result<(), AuthError> {
        Ok(self.sessions.delete(&session_id.to_string())?)
    }

    /// The session that `token` was made for, spent or not.
    ///
    /// # Errors
    /// When the store does not answer.
    pub fn find(&self, token: &RefreshToken) -> Result<Option<Session>, AuthError> {
        self.tokens
            .get(&token.key())?
            .map(|record| Record::read(&record))
            .transpose()
    }

    fn issue(&self, session: Session) -> Result<Begun, AuthError> {
        let refresh_token = RefreshToken::generate()?;
        self.tokens
            .set(&refresh_token.key(), &Record::write(&session)?)?;
        Ok(Begun {
            session,
            refresh_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Memory;

    fn sessions() -> Sessions<Memory> {
        Sessions::new(Memory::default(), Memory::default())
    }

    fn ann() -> User {
        User {
            id: Uuid::from_u128(1),
            email: "ann@example.com".to_owned(),
        }
    }

    #[test]
    fn a_session_is_renewed_again_and_again_with_the_token_of_each_time() {
        let sessions = sessions();
        let begun = sessions.begin(&ann()).unwrap();
        let first = sessions.renew(&begun.refresh_token).unwrap();
        let second = sessions.renew(&first.refresh_token).unwrap();
        assert_eq!(second.session, begun.session);
        assert_eq!(second.user(), ann());
    }

    #[test]
    fn a_token_that_comes_twice_ends_the_session_for_both_hands() {
        let sessions = sessions();
        let begun = sessions.begin(&ann()).unwrap();
        let renewed = sessions.renew(&begun.refresh_token).unwrap();
        assert!(matches!(
            sessions.renew(&begun.refresh_token),
            Err(AuthError::Reused)
        ));
        assert!(matches!(
            sessions.renew(&renewed.refresh_token),
            Err(AuthError::NotAuthorized)
        ));
    }

    #[test]
    fn another_session_of_the_same_account_lives_on() {
        let sessions = sessions();
        let (phone, laptop) = (
            sessions.begin(&ann()).unwrap(),
            sessions.begin(&ann()).unwrap(),
        );
        sessions.end(phone.session.session_id).unwrap();
        assert!(sessions.renew(&phone.refresh_token).is_err());
        assert!(sessions.renew(&laptop.refresh_token).is_ok());
    }

    #[test]
    fn a_session_that_was_ended_stays_so_however_often_it_is_ended() {
        let sessions = sessions();
        let begun = sessions.begin(&ann()).unwrap();
        sessions.end(begun.session.session_id).unwrap();
        sessions.end(begun.session.session_id).unwrap();
        assert!(matches!(
            sessions.renew(&begun.refresh_token),
            Err(AuthError::NotAuthorized)
        ));
    }

    #[test]
    fn a_token_that_nobody_was_given_renews_nothing() {
        let guess = RefreshToken::generate().unwrap();
        assert!(matches!(
            sessions().renew(&guess),
            Err(AuthError::NotAuthorized)
        ));
    }
}
