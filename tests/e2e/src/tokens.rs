//! Session tokens as a forger would make them, and as only auth may.
use async_nats::jetstream;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer as _, SigningKey};
use futures::TryStreamExt as _;
use serde_json::{Value, json};

/// The key that auth signs with, as it stands in the lattice's configuration.
#[derive(Clone)]
pub struct Keys {
    signing: SigningKey,
}

impl Keys {
    /// Reads the configuration `auth-signing-key` of the lattice that uses the NATS server `nats`.
    ///
    /// # Panics
    /// When there is none, or when it is not a base64url Ed25519 seed.
    pub(crate) async fn read(nats: &str) -> Self {
        let client = async_nats::connect(nats).await.expect("NATS answers");
        let jetstream = jetstream::new(client);
        let names: Vec<String> = jetstream
            .stream_names()
            .try_collect()
            .await
            .expect("stream names");
        for bucket in names
            .iter()
            .filter_map(|name| name.strip_prefix("KV_CONFIGDATA_"))
        {
            let Ok(store) = jetstream
                .get_key_value(format!("CONFIGDATA_{bucket}"))
                .await
            else {
                continue;
            };
            let Ok(Some(config)) = store.get("auth-signing-key").await else {
                continue;
            };
            let config: Value = serde_json::from_slice(&config).expect("configuration is JSON");
            let seed = config["SESSION_PRIVATE_KEY"]
                .as_str()
                .expect("a SESSION_PRIVATE_KEY");
            let seed = URL_SAFE_NO_PAD.decode(seed).expect("base64url");
            let seed: [u8; 32] = seed.try_into().expect("32 bytes");
            return Self {
                signing: SigningKey::from_bytes(&seed),
            };
        }
        panic!("no lattice on this NATS server has a configuration named auth-signing-key");
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
