//! The links of this provider, each with its database, by the component and the link's name.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::future::join_all;
use provider_kit::{Health, LinkKey};
use tokio::task::JoinHandle;
use tracing::{info, warn};
use wasmcloud_provider_sdk::HealthCheckResponse;

use crate::database::Database;
use crate::failure::{Failure, Fault, state};
use crate::settings::{InvalidSettings, Settings};

/// First and longest pause between attempts to reach a new link's database.
const RETRY_AFTER: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(5));

/// Every link that was put and not deleted; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Links {
    links: Arc<RwLock<HashMap<LinkKey, Link>>>,
    health: Health,
}

#[derive(Debug)]
enum Link {
    /// The settings are valid; whether the database answers is another question.
    Open {
        database: Arc<Database>,
        /// Reaches for the database until it answers once.
        greeting: JoinHandle<()>,
    },
    /// The settings are not; the reason is told to callers and in the health check.
    Invalid(String),
}

impl Links {
    /// Opens a link, or remembers why it cannot be. A link that is put again with the same settings
    /// keeps its connections. Does not wait for the database: must run inside a Tokio runtime.
    ///
    /// # Errors
    /// When the settings are malformed or TLS cannot be set up; the link then fails every call with
    /// the reason until it is put again.
    pub fn put(
        &self,
        key: LinkKey,
        settings: Result<Settings, InvalidSettings>,
    ) -> Result<(), String> {
        let database = settings
            .map_err(|error| error.to_string())
            .and_then(|settings| {
                if self.is_open_with(&key, &settings) {
                    return Ok(None);
                }
                Database::new(settings)
                    .map(Some)
                    .map_err(|error| error.to_string())
            });
        let (link, outcome) = match database {
            Ok(None) => return Ok(()),
            Ok(Some(database)) => {
                let database = Arc::new(database);
                let greeting =
                    tokio::spawn(greet(key.clone(), database.clone(), self.health.clone()));
                (Link::Open { database, greeting }, Ok(()))
            }
            Err(reason) => {
                self.health.failing(key.part(), reason.clone());
                (Link::Invalid(reason.clone()), Err(reason))
            }
        };
        let replaced = self.write().insert(key, link);
        if let Some(link) = replaced {
            link.close();
        }
        outcome
    }

    /// Closes a link and forgets it.
    pub fn remove(&self, key: &LinkKey) {
        let removed = self.write().remove(key);
        if let Some(link) = removed {
            link.close();
        }
        self.health.remove(&key.part());
    }

    /// Closes every link.
    pub fn close(&self) {
        let keys: Vec<LinkKey> = self.write().keys().cloned().collect();
        for key in keys {
            self.remove(&key);
        }
    }

    /// The database behind a link.
    ///
    /// # Errors
    /// `08003` when there is no such link, or when its settings are malformed, with the reason.
    pub fn database(&self, key: &LinkKey) -> Result<Arc<Database>, Failure> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        let reason = match links.get(key) {
            Some(Link::Open { database, .. }) => return Ok(database.clone()),
            Some(Link::Invalid(reason)) => format!("the link {key} cannot be used: {reason}"),
            None => format!("there is no link {key} to this provider"),
        };
        Err(Failure::new(Fault::Other, state::NO_LINK, reason))
    }

    /// Asks every link's database for a sign of life, all at once and within a second, and answers
    /// with what fails.
    pub async fn health(&self) -> HealthCheckResponse {
        let open: Vec<(LinkKey, Arc<Database>)> = {
            let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
            links
                .iter()
                .filter_map(|(key, link)| match link {
                    Link::Open { database, .. } => Some((key.clone(), database.clone())),
                    Link::Invalid(_) => None,
                })
                .collect()
        };
        join_all(open.iter().map(async |(key, database)| {
            self.health.record(key.part(), &database.ping().await);
        }))
        .await;
        self.health.response()
    }

    fn is_open_with(&self, key: &LinkKey, settings: &Settings) -> bool {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        matches!(links.get(key), Some(Link::Open { database, .. }) if database.settings() == settings)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<LinkKey, Link>> {
        self.links.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Link {
    fn close(self) {
        if let Link::Open { database, greeting } = self {
            greeting.abort();
            database.close();
        }
    }
}

/// Reaches for a new link's database until it answers, so that what is wrong shows in the log and in
/// the health check before the first call does. Later losses are noticed by calls and health checks.
async fn greet(key: LinkKey, database: Arc<Database>, health: Health) {
    let (mut pause, longest) = RETRY_AFTER;
    let mut reported = None;
    loop {
        let outcome = database.ping().await;
        health.record(key.part(), &outcome);
        match outcome {
            Ok(()) => {
                info!(%key, address = database.settings().address(), "the link's database answers");
                return;
            }
            Err(failure) => {
                if reported.as_ref() != Some(&failure) {
                    warn!(%key, %failure, "the link's database does not answer, trying again");
                    reported = Some(failure);
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmcloud_provider_sdk::core::secrets::SecretValue;

    fn settings(more: &[(&str, &str)]) -> Result<Settings, InvalidSettings> {
        let config = [
            ("POSTGRES_HOST", "127.0.0.1"),
            ("POSTGRES_PORT", "1"),
            ("POSTGRES_USERNAME", "u"),
            ("POSTGRES_PASSWORD", "p"),
            ("POSTGRES_DATABASE", "d"),
        ];
        let config = config.iter().chain(more);
        let config = config.map(|(key, value)| (key.to_string(), value.to_string()));
        let none = HashMap::<String, SecretValue>::new();
        Settings::of_link(&config.collect(), &none, &none)
    }

    #[tokio::test]
    async fn two_links_of_one_component_are_kept_apart() {
        let links = Links::default();
        for (link, pool_size) in [("default", "1"), ("reports", "2")] {
            let settings = settings(&[("POSTGRES_POOL_SIZE", pool_size)]);
            links
                .put(LinkKey::new("orders", link), settings)
                .expect("valid");
        }
        let size = |link| {
            let database = links.database(&LinkKey::new("orders", link));
            database.expect("linked").settings().pool_size
        };
        assert_eq!((size("default"), size("reports")), (1, 2));
    }

    #[tokio::test]
    async fn the_same_link_put_again_keeps_its_pool() {
        let links = Links::default();
        let key = LinkKey::new("orders", "default");
        links.put(key.clone(), settings(&[])).expect("valid");
        let before = links.database(&key).expect("linked");
        links.put(key.clone(), settings(&[])).expect("valid");
        assert!(Arc::ptr_eq(&before, &links.database(&key).expect("linked")));
        let other = settings(&[("POSTGRES_POOL_SIZE", "3")]);
        links.put(key.clone(), other).expect("valid");
        assert!(!Arc::ptr_eq(
            &before,
            &links.database(&key).expect("linked")
        ));
    }

    #[tokio::test]
    async fn a_malformed_link_fails_calls_and_health_until_it_is_put_right() {
        let links = Links::default();
        let key = LinkKey::new("orders", "default");
        let malformed = settings(&[("POSTGRES_POOL_SIZE", "many")]);
        assert!(links.put(key.clone(), malformed).is_err());
        let failure = links.database(&key).expect_err("malformed");
        assert_eq!(failure.state(), "08003");
        assert!(failure.to_string().contains("POSTGRES_POOL_SIZE"));
        assert!(!links.health().await.healthy);

        links.remove(&key);
        assert!(links.health().await.healthy);
    }

    #[tokio::test]
    async fn an_unreachable_database_is_in_the_health_and_no_error_of_the_link() {
        let links = Links::default();
        let key = LinkKey::new("orders", "default");
        links.put(key.clone(), settings(&[])).expect("valid");
        let health = links.health().await;
        assert!(!health.healthy);
        let message = health.message.unwrap_or_default();
        assert!(
            message.starts_with("link orders/default: 08006: "),
            "{message}"
        );
    }
}
