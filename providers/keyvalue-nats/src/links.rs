//! The links of this provider, each with its buckets, by the component and the link's name.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use futures::future::join_all;
use provider_kit::{Health, LinkKey};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::{info, warn};
use wasmcloud_provider_sdk::HealthCheckResponse;

use crate::bucket::Bucket;
use crate::error::KeyValueError;
use crate::jetstream::JetStream;
use crate::settings::{InvalidSettings, Settings};

/// First and longest pause between attempts to open a new link's buckets.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));
/// How long a health check may look at a link's buckets.
const HEALTH_TIMEOUT: Duration = Duration::from_secs(1);
/// The name of JetStream itself among the parts of the provider's health.
const JETSTREAM: &str = "jetstream";

/// Every link that was put and not deleted; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Links {
    links: Arc<RwLock<HashMap<LinkKey, Link>>>,
    health: Health,
}

#[derive(Debug)]
enum Link {
    /// The settings are valid; whether the buckets can be opened is another question.
    Open {
        settings: Settings,
        buckets: Buckets,
        /// Opens the buckets until it has succeeded once.
        opening: JoinHandle<()>,
    },
    /// The settings are not; the reason is told to callers and in the health check.
    Invalid(String),
}

type Buckets = Arc<HashMap<String, Arc<Bucket>>>;

impl Links {
    /// Opens a link's buckets in the background, or remembers why that is not possible. Must run
    /// inside a Tokio runtime.
    ///
    /// # Errors
    /// When the settings are malformed; the link then fails every call with the reason until it is
    /// put again.
    pub fn put(
        &self,
        key: LinkKey,
        jetstream: &JetStream,
        settings: Result<Settings, InvalidSettings>,
    ) -> Result<(), InvalidSettings> {
        let (link, outcome) = match settings {
            Ok(settings) if self.is_open_with(&key, &settings) => return Ok(()),
            Ok(settings) => (self.open(&key, jetstream, settings), Ok(())),
            Err(error) => {
                self.health.failing(key.part(), error.to_string());
                (Link::Invalid(error.to_string()), Err(error))
            }
        };
        let replaced = self.write().insert(key, link);
        if let Some(link) = replaced {
            link.close();
        }
        outcome
    }

    /// Forgets a link. Its buckets and what is in them stay.
    pub fn remove(&self, key: &LinkKey) {
        let removed = self.write().remove(key);
        if let Some(link) = removed {
            link.close();
        }
        self.health.remove(&key.part());
    }

    /// Forgets every link.
    pub fn close(&self) {
        let keys: Vec<LinkKey> = self.read().keys().cloned().collect();
        for key in keys {
            self.remove(&key);
        }
    }

    /// A bucket that a link may use.
    ///
    /// # Errors
    /// `NoSuchStore` when the link does not list the bucket, `NoLink` when there is no (valid) link.
    pub fn bucket(&self, key: &LinkKey, name: &str) -> Result<Arc<Bucket>, KeyValueError> {
        match self.read().get(key) {
            Some(Link::Open { buckets, .. }) => {
                buckets.get(name).cloned().ok_or(KeyValueError::NoSuchStore)
            }
            Some(Link::Invalid(reason)) => Err(KeyValueError::NoLink(format!(
                "the link {key} cannot be used: {reason}"
            ))),
            None => Err(KeyValueError::NoLink(format!(
                "there is no link {key} to this provider"
            ))),
        }
    }

    /// Looks whether JetStream answers and every bucket is as it should be (one that is missing is
    /// created again), all at once and within a second, and answers with what fails.
    pub async fn health(&self, jetstream: Option<&JetStream>) -> HealthCheckResponse {
        if let Some(jetstream) = jetstream {
            let outcome = jetstream.check().await;
            self.health.record(JETSTREAM, &outcome);
            if outcome.is_ok() {
                self.look_at_buckets().await;
            }
        }
        self.health.response()
    }

    async fn look_at_buckets(&self) {
        let open: Vec<(LinkKey, Buckets)> = self
            .read()
            .iter()
            .filter_map(|(key, link)| match link {
                Link::Open { buckets, .. } => Some((key.clone(), buckets.clone())),
                Link::Invalid(_) => None,
            })
            .collect();
        join_all(open.iter().map(async |(key, buckets)| {
            let outcome = match timeout(HEALTH_TIMEOUT, open_all(buckets)).await {
                Ok(outcome) => outcome.map_err(|error| error.to_string()),
                Err(_) => Err("its buckets did not open within a second".into()),
            };
            self.health.record(key.part(), &outcome);
        }))
        .await;
    }

    fn open(&self, key: &LinkKey, jetstream: &JetStream, settings: Settings) -> Link {
        let bucket = |(name, settings): (&String, &_)| {
            let bucket = Bucket::new(jetstream.clone(), name, *settings);
            (name.clone(), Arc::new(bucket))
        };
        let buckets: Buckets = Arc::new(settings.buckets.iter().map(bucket).collect());
        let opening = tokio::spawn(open_until_done(
            key.clone(),
            buckets.clone(),
            self.health.clone(),
        ));
        Link::Open {
            settings,
            buckets,
            opening,
        }
    }

    fn is_open_with(&self, key: &LinkKey, wanted: &Settings) -> bool {
        matches!(self.read().get(key), Some(Link::Open { settings, .. }) if settings == wanted)
    }

    fn read(&self) -> RwLockReadGuard<'_, HashMap<LinkKey, Link>> {
        self.links.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<LinkKey, Link>> {
        self.links.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    fn close(self) {
        if let Link::Open { opening, .. } = self {
            opening.abort();
        }
    }
}

async fn open_all(buckets: &Buckets) -> Result<(), KeyValueError> {
    for bucket in buckets.values() {
        bucket.open().await?;
    }
    Ok(())
}

/// Opens a new link's buckets until it has succeeded, so that what is wrong shows in the log and in
/// the health check before the first call does.
async fn open_until_done(key: LinkKey, buckets: Buckets, health: Health) {
    let (mut pause, longest) = RETRY_AFTER;
    let mut reported = None;
    loop {
        let outcome = open_all(&buckets).await;
        health.record(key.part(), &outcome);
        match outcome {
            Ok(()) => {
                info!(%key, buckets = buckets.len(), "the link's buckets are open");
                return;
            }
            Err(error) => {
                if reported.as_ref() != Some(&error) {
                    warn!(%key, %error, "the link's buckets cannot be opened, trying again");
                    reported = Some(error);
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}
