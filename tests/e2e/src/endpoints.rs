//! Where a lattice can be reached: written by `ticketing up` into its data folder.
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

/// The addresses of a running lattice.
#[derive(Clone, Debug, Deserialize)]
pub struct Endpoints {
    /// The public origin, without a slash at the end.
    pub http: String,
    /// The origins of the hosts' own ingresses, when there are several.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// The NATS server.
    pub nats: String,
    /// The Postgres server, as its administrator.
    #[serde(default)]
    pub postgres: Option<String>,
    /// The Stripe double; none when another Stripe is configured.
    #[serde(default)]
    pub stripe: Option<String>,
    /// The double's control endpoint.
    #[serde(default)]
    pub stripe_control: Option<String>,
    /// The installation's `secrets.json`, where it is at hand.
    #[serde(skip)]
    pub secrets: Option<PathBuf>,
}

impl Endpoints {
    /// Reads `endpoints.json` of the data folder `data`.
    ///
    /// # Errors
    /// When it is missing or malformed.
    pub fn read(data: &Path) -> Result<Self> {
        let path = data.join("endpoints.json");
        let text = std::fs::read(&path).with_context(|| format!("reading {}", path.display()))?;
        let read = serde_json::from_slice(&text);
        let endpoints: Self = read.with_context(|| format!("reading {}", path.display()))?;
        Ok(Self {
            secrets: Some(data.join("secrets.json")),
            ..endpoints
        })
    }

    /// The system that runs already, when the environment names one: `TICKETING_E2E_URL` and
    /// `TICKETING_E2E_NATS`, `TICKETING_E2E_STRIPE` for its Stripe double if it has one, and `TICKETING_E2E_SECRETS`
    /// for its `secrets.json`.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let stripe = variable("TICKETING_E2E_STRIPE");
        Some(Self {
            http: variable("TICKETING_E2E_URL")?
                .trim_end_matches('/')
                .to_owned(),
            hosts: Vec::new(),
            nats: variable("TICKETING_E2E_NATS").unwrap_or_else(|| "127.0.0.1:4222".to_owned()),
            postgres: None,
            stripe_control: stripe.as_ref().map(|url| format!("{url}/_control")),
            stripe,
            secrets: variable("TICKETING_E2E_SECRETS").map(PathBuf::from),
        })
    }
}
