//! Sessions: an EdDSA JSON Web Token (RFC 7519, RFC 8037) in a cookie.
//! auth signs it; every service verifies it by itself with the public key and asks nobody.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::cookie::request_cookie;
use crate::{ApiError, Request};

/// The name of the cookie that holds the token.
pub const SESSION_COOKIE: &str = "session";

/// How long a token is valid, in seconds. Short, since no service asks whether it was revoked.
pub const ACCESS_TOKEN_SECONDS: u64 = 15 * 60;

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The user's id.
    pub user_id: Uuid,
    /// The user's email address, as it was typed at sign-up.
    pub email: String,
    /// The session: it lives from sign-in to sign-out, over many tokens.
    pub session_id: Uuid,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    email: String,
    sid: Uuid,
    iat: u64,
    exp: u64,
}

/// A key that is not what the configuration says it is.
#[derive(Debug, Error)]
pub enum KeyError {
    /// Not 32 bytes in base64url without padding.
    #[error("a session key must be 32 bytes in base64url without padding")]
    Encoding,
    /// The token could not be signed with it.
    #[error("the session token could not be signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

fn key_bytes(text: &str) -> Result<[u8; 32], KeyError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text.trim())
        .map_err(|_| KeyError::Encoding)?;
    bytes.try_into().map_err(|_| KeyError::Encoding)
}

/// Signs tokens. Only auth has one.
pub struct Signer(EncodingKey);

impl Signer {
    /// A signer from an Ed25519 seed: 32 bytes in base64url.
    ///
    /// # Errors
    /// [`KeyError::Encoding`].
    pub fn from_seed(seed: &str) -> Result<Self, KeyError> {
        // PKCS #8 v1 (RFC 5958) for Ed25519 (RFC 8410) is this prefix and the seed.
        const PKCS8_PREFIX: [u8; 16] = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        let mut der = PKCS8_PREFIX.to_vec();
        der.extend(key_bytes(seed)?);
        Ok(Self(EncodingKey::from_ed_der(&der)))
    }

    /// A token for `session`, valid for [`ACCESS_TOKEN_SECONDS`].
    ///
    /// # Errors
    /// [`KeyError::Sign`].
    pub fn sign(&self, session: &Session) -> Result<String, KeyError> {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or(Duration::ZERO)
            .as_secs();
        let claims = Claims {
            sub: session.user_id,
            email: session.email.clone(),
            sid: session.session_id,
            iat: now,
            exp: now + ACCESS_TOKEN_SECONDS,
        };
        Ok(jsonwebtoken::encode(
            &Header::new(Algorithm::EdDSA),
            &claims,
            &self.0,
        )?)
    }
}

/// Verifies tokens, with one public key or, while keys are being rotated, several.
pub struct Verifier {
    keys: Vec<DecodingKey>,
    validation: Validation,
}

impl Verifier {
    /// A verifier from a comma-separated list of Ed25519 public keys in base64url.
    ///
    /// # Errors
    /// [`KeyError::Encoding`] when one of them is malformed or there is none.
    pub fn from_public_keys(list: &str) -> Result<Self, KeyError> {
        let keys = list
            .split(',')
            .map(|key| {
                let bytes = key_bytes(key)?;
                DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(bytes))
                    .map_err(|_| KeyError::Encoding)
            })
            .collect::<Result<_, _>>()?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = 0;
        validation.set_required_spec_claims(&["exp", "sub"]);
        Ok(Self { keys, validation })
    }

    /// Who sent `request`; `None` for an anonymous visitor, and for a token that is expired,
    /// malformed, or signed by anyone else.
    #[must_use]
    pub fn session(&self, request: &Request) -> Option<Session> {
        let token = request_cookie(request, SESSION_COOKIE)?;
        let claims = self
            .keys
            .iter()
            .find_map(|key| jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok())?;
        let Claims {
            sub, email, sid, ..
        } = claims.claims;
        Some(Session {
            user_id: sub,
            email,
            session_id: sid,
        })
    }

    /// Who sent `request`.
    ///
    /// # Errors
    /// 401 where [`Verifier::session`] gives `None`.
    pub fn require(&self, request: &Request) -> Result<Session, ApiError> {
        self.session(request).ok_or_else(ApiError::not_authorized)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The key pair of RFC 8037, appendix A.
    const SEED: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
    const PUBLIC: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const OTHER_PUBLIC: &str = "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw";

    fn session() -> Session {
        Session {
            user_id: Uuid::from_u128(1),
            email: "ann@example.com".to_owned(),
            session_id: Uuid::from_u128(2),
        }
    }

    fn with_cookie(token: &str) -> Request {
        http::Request::builder()
            .header("cookie", format!("session={token}"))
            .body(vec![])
            .unwrap()
    }

    #[test]
    fn a_signed_token_says_who_sent_it() {
        let token = Signer::from_seed(SEED).unwrap().sign(&session()).unwrap();
        let verifier = Verifier::from_public_keys(PUBLIC).unwrap();
        assert_eq!(verifier.session(&with_cookie(&token)), Some(session()));
    }

    #[test]
    fn two_keys_are_accepted_while_they_are_rotated() {
        let token = Signer::from_seed(SEED).unwrap().sign(&session()).unwrap();
        let verifier = Verifier::from_public_keys(&format!("{OTHER_PUBLIC},{PUBLIC}")).unwrap();
        assert!(verifier.session(&with_cookie(&token)).is_some());
    }

    #[test]
    fn a_token_of_another_key_is_nobodys() {
        let token = Signer::from_seed(SEED).unwrap().sign(&session()).unwrap();
        let verifier = Verifier::from_public_keys(OTHER_PUBLIC).unwrap();
        assert_eq!(verifier.session(&with_cookie(&token)), None);
    }

    #[test]
    fn tampered_unsigned_and_garbage_tokens_are_nobodys() {
        let verifier = Verifier::from_public_keys(PUBLIC).unwrap();
        let token = Signer::from_seed(SEED).unwrap().sign(&session()).unwrap();
        let (head, tail) = token.split_at(token.len() - 4);
        let none = format!(
            "{}.{}.",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
            token.split('.').nth(1).unwrap()
        );
        for token in [
            format!("{head}AAAA{}", &tail[4..]),
            none,
            "x".to_owned(),
            "..".to_owned(),
            String::new(),
        ] {
            assert_eq!(
                verifier.require(&with_cookie(&token)),
                Err(ApiError::not_authorized()),
                "{token}"
            );
        }
    }

    #[test]
    fn an_expired_token_is_nobodys() {
        let claims = Claims {
            sub: Uuid::from_u128(1),
            email: String::new(),
            sid: Uuid::from_u128(2),
            iat: 0,
            exp: 1_000_000_000,
        };
        let signer = Signer::from_seed(SEED).unwrap();
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &signer.0).unwrap();
        let verifier = Verifier::from_public_keys(PUBLIC).unwrap();
        assert_eq!(verifier.session(&with_cookie(&token)), None);
    }

    #[test]
    fn a_malformed_key_is_refused_at_the_start() {
        assert!(Verifier::from_public_keys("").is_err());
        assert!(Verifier::from_public_keys("abc").is_err());
        assert!(Signer::from_seed("abc").is_err());
    }
}
