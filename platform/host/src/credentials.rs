//! NATS credentials: a user JWT with its seed, given one by one or as a `.creds` file.
//! The seed never leaves the key pair that is made of it.
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use nkeys::KeyPair;

/// A user's JWT and the key that proves its possession; both absent for an open server.
#[derive(Clone, Default)]
pub struct Credentials {
    pub jwt: Option<String>,
    pub key: Option<Arc<KeyPair>>,
}

impl Credentials {
    /// Reads whichever form was given; none gives empty credentials.
    ///
    /// # Errors
    /// When the file cannot be read, holds no JWT or seed, or the seed is not one.
    pub async fn read(
        creds: Option<&Path>,
        jwt: Option<String>,
        seed: Option<&str>,
    ) -> anyhow::Result<Self> {
        match (creds, jwt, seed) {
            (Some(path), _, _) => {
                let text = tokio::fs::read_to_string(path).await.with_context(|| {
                    format!("cannot read NATS credentials from {}", path.display())
                })?;
                Self::parse(&text).with_context(|| format!("in {}", path.display()))
            }
            (None, Some(jwt), Some(seed)) => Self::pair(jwt, seed),
            _ => Ok(Self::default()),
        }
    }

    /// These, or `other` where these are absent.
    pub fn or(self, other: &Self) -> Self {
        Self {
            jwt: self.jwt.or_else(|| other.jwt.clone()),
            key: self.key.or_else(|| other.key.clone()),
        }
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let Some(jwt) = section(text, "NATS USER JWT") else {
            bail!("no NATS user JWT");
        };
        let Some(seed) = section(text, "USER NKEY SEED") else {
            bail!("no user nkey seed");
        };
        Self::pair(jwt.to_owned(), seed)
    }

    fn pair(jwt: String, seed: &str) -> anyhow::Result<Self> {
        let key = KeyPair::from_seed(seed).context("not a user nkey seed")?;
        Ok(Self {
            jwt: Some(jwt),
            key: Some(Arc::new(key)),
        })
    }
}

/// The line after `-----BEGIN <name>-----`.
fn section<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let begin = format!("-----BEGIN {name}-----");
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| *line == begin)?;
    lines
        .next()
        .filter(|line| !line.is_empty() && !line.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(seed: &str) -> String {
        format!(
            "-----BEGIN NATS USER JWT-----\neyJhbGciOiJlZDI1NTE5LW5rZXkifQ.e30.c2ln\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        )
    }

    #[test]
    fn a_creds_file_gives_its_jwt_and_key() {
        let user = KeyPair::new_user();
        let seed = user.seed().expect("a new key has a seed");
        let credentials = Credentials::parse(&file(&seed)).expect("well formed");
        assert_eq!(
            credentials.jwt.as_deref(),
            Some("eyJhbGciOiJlZDI1NTE5LW5rZXkifQ.e30.c2ln")
        );
        let public = credentials.key.map(|key| key.public_key());
        assert_eq!(public, Some(user.public_key()));
    }

    #[test]
    fn a_creds_file_without_a_seed_is_refused() {
        assert!(Credentials::parse(&file("")).is_err());
        assert!(Credentials::parse(&file("SUANOPE")).is_err());
    }
}
