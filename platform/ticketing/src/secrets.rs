//! Passwords and keys of one installation: made at the first start, kept since, readable by their owner alone.
//! Losing them means new database passwords (set again at the next start) and everybody signed out.
use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use nkeys::{KeyPair, XKey};
use serde::{Deserialize, Serialize};

use crate::cli::KeyStep;
use crate::data::{Data, read_json, write_json};
use crate::services::SERVICES;
use crate::settings::{GivenKeys, Keys};

/// Everything that is secret.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default)]
pub struct Secrets {
    /// Password by role, the administrator `postgres` included.
    roles: BTreeMap<String, String>,
    /// Ed25519 seed that signs sessions, base64url.
    session_private_key: String,
    /// The seed that will sign after a switch; empty when none is announced.
    next_session_private_key: String,
    /// The public key of what has signed until the last switch, base64url; empty when it is retired.
    previous_session_public_key: String,
    /// Keys of the Stripe double.
    stripe_secret_key: String,
    stripe_publishable_key: String,
    stripe_webhook_secret: String,
    /// Seed of each host's key: a host that was killed comes back under its own id.
    host_seeds: Vec<String>,
    /// Seed of the curve key with which the secrets backend talks to hosts.
    backend_transit_seed: String,
    /// Seed of the curve key that encrypts what it keeps.
    backend_encryption_seed: String,
}

impl Secrets {
    /// Reads them, and makes those that are missing.
    ///
    /// # Errors
    /// When the file is damaged or cannot be written, or the system has no randomness.
    pub fn open(data: &Data, hosts: usize) -> Result<Self> {
        let kept: Self = read_json(&data.secrets())?.unwrap_or_default();
        let mut secrets = kept.clone();
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
        for seed in [
            &mut secrets.backend_transit_seed,
            &mut secrets.backend_encryption_seed,
        ] {
            if seed.is_empty() {
                *seed = XKey::new().seed().context("cannot make a curve key")?;
            }
        }
        // A complete file may be mounted where nothing can be written.
        if secrets != kept {
            secrets
                .save(data)
                .context("secrets.json is not complete; run `ticketing keys make`")?;
        }
        Ok(secrets)
    }

    pub fn password(&self, role: &str) -> &str {
        self.roles.get(role).map_or("", String::as_str)
    }

    pub fn session_private_key(&self) -> &str {
        &self.session_private_key
    }

    /// The public keys of which one must have signed a session: base64url, comma separated.
    ///
    /// # Errors
    /// When a stored seed is not 32 bytes.
    pub fn session_public_keys(&self) -> Result<String> {
        let mut keys = vec![public_half(&self.session_private_key)?];
        if !self.next_session_private_key.is_empty() {
            keys.push(public_half(&self.next_session_private_key)?);
        }
        if !self.previous_session_public_key.is_empty() {
            keys.push(self.previous_session_public_key.clone());
        }
        Ok(keys.join(","))
    }

    /// Takes one step of a change of the session key.
    ///
    /// # Errors
    /// When the step does not follow the one before, or the system has no randomness.
    pub fn change_session_key(&mut self, step: KeyStep) -> Result<()> {
        let announced = !self.next_session_private_key.is_empty();
        match step {
            KeyStep::Make => {}
            KeyStep::Announce => {
                ensure!(!announced, "a next key is announced already; switch to it");
                fill(&mut self.next_session_private_key, "", 32)?;
            }
            KeyStep::Switch => {
                ensure!(announced, "announce a next key first");
                self.previous_session_public_key = public_half(&self.session_private_key)?;
                self.session_private_key = std::mem::take(&mut self.next_session_private_key);
            }
            KeyStep::Retire => {
                ensure!(
                    !self.previous_session_public_key.is_empty(),
                    "there is no key to retire; switch to a next one first"
                );
                self.previous_session_public_key.clear();
            }
        }
        Ok(())
    }

    /// Writes them.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, data: &Data) -> Result<()> {
        write_json(&data.secrets(), self)
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

    /// The key with which the secrets backend talks to hosts, and they and operators to it.
    ///
    /// # Errors
    /// When the stored seed is damaged.
    pub fn backend_transit_key(&self) -> Result<XKey> {
        XKey::from_seed(&self.backend_transit_seed)
            .context("the backend's transit seed in secrets.json is damaged")
    }

    /// The key that encrypts what the secrets backend keeps.
    ///
    /// # Errors
    /// When the stored seed is damaged.
    pub fn backend_encryption_key(&self) -> Result<XKey> {
        XKey::from_seed(&self.backend_encryption_seed)
            .context("the backend's encryption seed in secrets.json is damaged")
    }

    pub fn host_seed(&self, host: usize) -> &str {
        self.host_seeds.get(host).map_or("", String::as_str)
    }
}

fn roles() -> impl Iterator<Item = String> {
    let services = SERVICES.iter().flat_map(|service| {
        [
            service.owner(),
            service.app(),
            service.relay(),
            service.metrics(),
        ]
    });
    std::iter::once("postgres".to_owned()).chain(services)
}

fn public_half(seed: &str) -> Result<String> {
    let seed: [u8; 32] = BASE64_URL_SAFE_NO_PAD
        .decode(seed)
        .ok()
        .and_then(|seed| seed.try_into().ok())
        .context("a session key in secrets.json is damaged")?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes()))
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

    fn with_key() -> Secrets {
        Secrets {
            session_private_key: BASE64_URL_SAFE_NO_PAD.encode([7; 32]),
            ..Secrets::default()
        }
    }

    #[test]
    fn the_public_session_key_belongs_to_the_private_one() {
        let public = with_key().session_public_keys().expect("a good seed");
        let expected = SigningKey::from_bytes(&[7; 32]).verifying_key();
        assert_eq!(public, BASE64_URL_SAFE_NO_PAD.encode(expected.as_bytes()));
    }

    #[test]
    fn while_the_session_key_changes_both_are_accepted() {
        let mut secrets = with_key();
        let public = |secrets: &Secrets| secrets.session_public_keys().expect("good seeds");
        let before = public(&secrets);
        let mut step = |step| {
            secrets.change_session_key(step).expect("in order");
            (secrets.session_private_key.clone(), public(&secrets))
        };
        let (signing, accepted) = step(KeyStep::Announce);
        assert_eq!(signing, BASE64_URL_SAFE_NO_PAD.encode([7; 32]));
        let (_, next) = accepted.split_once(',').expect("two keys");
        let (signing, accepted_then) = step(KeyStep::Switch);
        assert_eq!(public_half(&signing).expect("a good seed"), next);
        assert_eq!(accepted_then, format!("{next},{before}"));
        let (_, accepted_at_last) = step(KeyStep::Retire);
        assert_eq!(accepted_at_last, next);
    }

    #[test]
    fn a_step_out_of_order_is_refused() {
        for step in [KeyStep::Switch, KeyStep::Retire] {
            assert!(with_key().change_session_key(step).is_err(), "{step:?}");
        }
        let mut secrets = with_key();
        secrets
            .change_session_key(KeyStep::Announce)
            .expect("first");
        assert!(secrets.change_session_key(KeyStep::Announce).is_err());
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
