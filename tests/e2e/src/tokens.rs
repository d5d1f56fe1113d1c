//! Session tokens as a forger would make them, and as only auth may.
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Value, json};

/// The key that auth signs with.
#[derive(Clone)]
pub struct Keys {
    signing: SigningKey,
}

impl Keys {
    /// Reads an installation's `secrets.json`.
    ///
    /// # Panics
    /// When it is not there, or holds no base64url Ed25519 seed.
    pub(crate) fn read(secrets: &Path) -> Self {
        let text = std::fs::read(secrets).expect("secrets.json");
        let secrets: Value = serde_json::from_slice(&text).expect("secrets are JSON");
        let seed = secrets["session_private_key"].as_str();
        let seed = URL_SAFE_NO_PAD.decode(seed.expect("a session key"));
        let seed: [u8; 32] = seed.expect("base64url").try_into().expect("32 bytes");
        Self {
            signing: SigningKey::from_bytes(&seed),
        }
    }

    /// A token with `claims` as auth would sign it.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        token(&json!({ "alg": "EdDSA", "typ": "JWT" }), claims, |text| {
            self.signing.sign(text).to_bytes().to_vec()
        })
    }
}

/// The claims of a token, unchecked.
///
/// # Panics
/// When it is not a JSON Web Token.
#[must_use]
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// A token with `claims`, signed with a key that nobody knows.
#[must_use]
pub fn forge(claims: &Value) -> String {
    let stranger = SigningKey::from_bytes(&[7; 32]);
    let header = json!({ "alg": "EdDSA", "typ": "JWT" });
    token(&header, claims, |text| {
        stranger.sign(text).to_bytes().to_vec()
    })
}

/// A token with `claims` that says that it needs no signature.
#[must_use]
pub fn forge_unsigned(claims: &Value) -> String {
    token(&json!({ "alg": "none", "typ": "JWT" }), claims, |_| {
        Vec::new()
    })
}

fn token(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(text.as_bytes()));
    format!("{text}.{signature}")
}

/// The header (0) or the claims (1) of a token.
fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .expect("a token's parts are base64url");
    serde_json::from_slice(&bytes).expect("a token's parts are JSON")
}
