//! Sessions: an EdDSA JSON Web Token (RFC 7519, RFC 8037) in a cookie.
//! auth signs it; every service verifies it by itself with the public key and asks nobody.
//!
//! There is one algorithm and no other, so a token's header decides nothing; and a component, which is instantiated for
//! each request, carries no more than that one.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{
    SIGNATURE_LENGTH, Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey,
};
use serde::de::IgnoredAny;
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

/// The algorithm's name in a token's header (RFC 8037, 3.1).
const ALGORITHM: &str = "EdDSA";

#[derive(Deserialize)]
struct Header<'a> {
    alg: &'a str,
    /// Extensions that must be understood; none is.
    crit: Option<IgnoredAny>,
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO)
        .as_secs()
}

/// A key that is not what the configuration says it is.
#[derive(Debug, Error)]
pub enum KeyError {
    /// Not 32 bytes in base64url without padding, or no point of the curve.
    #[error("a session key must be 32 bytes in base64url without padding")]
    Encoding,
    /// A point of small order, for which anybody can make signatures.
    #[error("a session key must not be a weak one")]
    Weak,
    /// What the token should say could not be written.
    #[error("the session token could not be signed: {0}")]
    Sign(#[from] serde_json::Error),
}

fn key_bytes(text: &str) -> Result<[u8; 32], KeyError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text.trim())
        .map_err(|_| KeyError::Encoding)?;
    bytes.try_into().map_err(|_| KeyError::Encoding)
}

fn verifying_key(text: &str) -> Result<VerifyingKey, KeyError> {
    let key = VerifyingKey::from_bytes(&key_bytes(text)?).map_err(|_| KeyError::Encoding)?;
    if key.is_weak() {
        return Err(KeyError::Weak);
    }
    Ok(key)
}

/// Signs tokens. Only auth has one.
pub struct Signer(SigningKey);

impl Signer {
    /// A signer from an Ed25519 seed: 32 bytes in base64url.
    ///
    /// # Errors
    /// [`KeyError::Encoding`].
    pub fn from_seed(seed: &str) -> Result<Self, KeyError> {
        Ok(Self(SigningKey::from_bytes(&key_bytes(seed)?)))
    }

    /// A token for `session`, valid for [`ACCESS_TOKEN_SECONDS`].
    ///
    /// # Errors
    /// [`KeyError::Sign`].
    pub fn sign(&self, session: &Session) -> Result<String, KeyError> {
        let now = now();
        let claims = Claims {
            sub: session.user_id,
            email: session.email.clone(),
            sid: session.session_id,
            iat: now,
            exp: now + ACCESS_TOKEN_SECONDS,
        };
        self.sign_claims(&claims)
    }

    fn sign_claims(&self, claims: &Claims) -> Result<String, KeyError> {
        const HEADER: &str = r#"{"typ":"JWT","alg":"EdDSA"}"#;
        let mut token = URL_SAFE_NO_PAD.encode(HEADER);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(claims)?, &mut token);
        let signature = self.0.sign(token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature.to_bytes(), &mut token);
        Ok(token)
    }
}

/// Verifies tokens, with one public key or, while keys are being rotated, several.
pub struct Verifier(Vec<VerifyingKey>);

impl Verifier {
    /// A verifier from a comma-separated list of Ed25519 public keys in base64url.
    ///
    /// # Errors
    /// [`KeyError::Encoding`] when one of them is malformed or there is none; [`KeyError::Weak`].
    pub fn from_public_keys(list: &str) -> Result<Self, KeyError> {
        list.split(',')
            .map(verifying_key)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Who sent `request`; `None` for an anonymous visitor, and for a token that is expired,
    /// malformed, or signed by anyone else.
    #[must_use]
    pub fn session(&self, request: &Request) -> Option<Session> {
        let token = request_cookie(request, SESSION_COOKIE)?;
        let claims = self.claims(token)?;
        (claims.exp > now()).then_some(Session {
            user_id: claims.sub,
            email: claims.email,
            session_id: claims.sid,
        })
    }

    /// What a token says that was signed with one of the keys (RFC 7515, 5.2).
    fn claims(&self, token: &str) -> Option<Claims> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header = URL_SAFE_NO_PAD.decode(header).ok()?;
        let header: Header<'_> = serde_json::from_slice(&header).ok()?;
        if header.alg != ALGORITHM || header.crit.is_some() {
            return None;
        }
        let signature: [u8; SIGNATURE_LENGTH] =
            URL_SAFE_NO_PAD.decode(signature).ok()?.try_into().ok()?;
        let signature = Signature::from_bytes(&signature);
        // As RFC 8032 has it. The strict way of the library differs where a key is weak, and none of these is; it takes a
        // tenth longer, and this is most of what a component computes for a request.
        self.0
            .iter()
            .find(|key| key.verify(signed.as_bytes(), &signature).is_ok())?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
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
    fn other_libraries_read_our_tokens_and_we_read_theirs() {
        use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};

        // PKCS #8 v1 (RFC 5958) for Ed25519 (RFC 8410) is this prefix and the seed.
        let mut der = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20".to_vec();
        der.extend(key_bytes(SEED).unwrap());
        let token = Signer::from_seed(SEED).unwrap().sign(&session()).unwrap();
        let claims = jsonwebtoken::decode::<Claims>(
            &token,
            &DecodingKey::from_ed_components(PUBLIC).unwrap(),
            &Validation::new(Algorithm::EdDSA),
        );
        let claims = claims.unwrap().claims;
        assert_eq!(claims.sub, session().user_id);

        let key = EncodingKey::from_ed_der(&der);
        let header = Header::new(Algorithm::EdDSA);
        let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
        let verifier = Verifier::from_public_keys(PUBLIC).unwrap();
        assert_eq!(verifier.session(&with_cookie(&token)), Some(session()));
    }

    #[test]
    fn the_signature_of_the_standard_is_verified() {
        // RFC 8037, A.4 signs a text that is no session, so it is taken apart here.
        let token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.\
            hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = SigningKey::from_bytes(&key_bytes(SEED).unwrap());
        let made = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()).to_bytes());
        assert_eq!(made, signature);
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
        let critical = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","crit":["x"]}"#);
        for token in [
            format!("{head}AAAA{}", &tail[4..]),
            format!("{critical}.{}", token.split_once('.').unwrap().1),
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
        let token = signer.sign_claims(&claims).unwrap();
        let verifier = Verifier::from_public_keys(PUBLIC).unwrap();
        assert_eq!(verifier.session(&with_cookie(&token)), None);
    }

    #[test]
    fn a_key_that_anybody_can_sign_for_is_refused_at_the_start() {
        let mut neutral = [0; 32];
        neutral[0] = 1;
        let refused = Verifier::from_public_keys(&URL_SAFE_NO_PAD.encode(neutral));
        assert!(matches!(refused, Err(KeyError::Weak)));
    }

    #[test]
    fn a_malformed_key_is_refused_at_the_start() {
        assert!(Verifier::from_public_keys("").is_err());
        assert!(Verifier::from_public_keys("abc").is_err());
        assert!(Signer::from_seed("abc").is_err());
    }
}
