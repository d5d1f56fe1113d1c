//! Passwords and keys of one installation: made at the first start, kept since, readable by their owner alone.
//! Losing them means new database passwords (set again at the next start) and everybody signed out.
use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use nkeys::KeyPair;
use serde::{Deserialize, Serialize};

use crate::data::{Data, read_json, write_json};
use crate::services::SERVICES;
use crate::settings::{GivenKeys, Keys};

/// Everything that is secret.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Secrets {
    /// Password by role, the administrator `postgres` included.
    roles: BTreeMap<String, String>,
    /// Ed25519 seed that signs sessions, base64url.
    session_private_key: String,
    /// Keys of the Stripe double.
    stripe_secret_key: String,
    stripe_publishable_key: String,
    stripe_webhook_secret: String,
    /// Seed of each host's key: a host that was killed comes back under its own id.
    host_seeds: Vec<String>,
}

impl Secrets {
    /// Reads them, and makes those that are missing.
    ///
    /// # Errors
    /// When the file is damaged or cannot be written, or the system has no randomness.
    pub fn open(data: &Data, hosts: usize) -> Result<Self> {
        let mut secrets: Self = read_json(&data.secrets())?.unwrap_or_default();
        for role in roles() {
            fill(secrets.roles.entry(role).or_default(), "", 24)?;
        }
        fill(&mut secrets.session_private_key, "", 32)?;
        fill(&mut secrets.stripe_secret_key, "sk_test_", 18)?;
        fill(&mut secrets.stripe_publishable_key, "pk_test_", 18)?;
        fill(&mut secrets.stripe_webhook_secret, "whsec_", 24)?;
        while secrets.host_seeds.len() < hosts {
            let seed = KeyPair::new_server()
                .seed()
                .context("cannot make a host key")?;
            secrets.host_seeds.push(seed);
        }
        write_json(&data.secrets(), &secrets)?;
        Ok(secrets)
    }

    pub fn password(&self, role: &str) -> &str {
        self.roles.get(role).map_or("", String::as_str)
    }

    pub fn session_private_key(&self) -> &str {
        &self.session_private_key
    }

    /// The public half, base64url.
    ///
    /// # Errors
    /// When the stored seed is not 32 bytes.
    pub fn session_public_key(&self) -> Result<String> {
        let seed: [u8; 32] = BASE64_URL_SAFE_NO_PAD
            .decode(&self.session_private_key)
            .ok()
            .and_then(|seed| seed.try_into().ok())
            .context("the session key in secrets.json is damaged")?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes()))
    }

    /// The given keys, made up where absent.
    pub fn stripe(&self, given: &GivenKeys) -> Keys {
        let or =
            |given: &Option<String>, own: &str| given.clone().unwrap_or_else(|| own.to_owned());
        Keys {
            secret: or(&given.secret, &self.stripe_secret_key),
            publishable: or(&given.publishable, &self.stripe_publishable_key),
            webhook: or(&given.webhook, &self.stripe_webhook_secret),
        }
    }

    pub fn host_seed(&self, host: usize) -> &str {
        self.host_seeds.get(host).map_or("", String::as_str)
    }
}

fn roles() -> impl Iterator<Item = String> {
    let services = SERVICES
        .iter()
        .flat_map(|service| [service.owner(), service.app(), service.relay()]);
    std::iter::once("postgres".to_owned()).chain(services)
}

/// Random bytes as base64url, whose alphabet needs no escape in URLs, SQL and shells.
fn fill(secret: &mut String, prefix: &str, bytes: usize) -> Result<()> {
    if secret.is_empty() {
        let mut random = vec![0; bytes];
        getrandom::fill(&mut random)
            .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
        *secret = format!("{prefix}{}", BASE64_URL_SAFE_NO_PAD.encode(random));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_session_key_belongs_to_the_private_one() {
        let secrets = Secrets {
            session_private_key: BASE64_URL_SAFE_NO_PAD.encode([7; 32]),
            ..Secrets::default()
        };
        let public = secrets.session_public_key().expect("a good seed");
        let expected = SigningKey::from_bytes(&[7; 32]).verifying_key();
        assert_eq!(public, BASE64_URL_SAFE_NO_PAD.encode(expected.as_bytes()));
    }

    #[test]
    fn a_secret_once_made_stays() {
        let mut secret = String::new();
        fill(&mut secret, "pk_", 18).expect("randomness");
        let first = secret.clone();
        fill(&mut secret, "pk_", 18).expect("randomness");
        assert_eq!(secret, first);
        assert!(secret.starts_with("pk_") && secret.len() == 3 + 24);
    }
}
