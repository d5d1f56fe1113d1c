//! The links of this provider, each with its database, by the component and the link's name.

use std::collections::{BTreeSet, HashMap};
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
    links: Arc<RwLock<HashMap<LinkKey, Entry>>>,
    health: Health,
}

/// What a component has put under a link's name.
#[derive(Debug)]
struct Entry {
    link: Link,
    /// The namespaces of the interfaces, `wasmcloud` and `ticketing`, each of which is linked by itself. They share the
    /// link's connections.
    interfaces: BTreeSet<String>,
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
    /// Opens a link for the interfaces of a namespace, or remembers why it cannot be. A link that is put again with the
    /// same settings, for the same interfaces or others, keeps its connections; with other settings they are replaced, for
    /// all. Does not wait for the database: must run inside a Tokio runtime.
    ///
    /// # Errors
    /// When the settings are malformed or TLS cannot be set up; the link then fails every call with
    /// the reason until it is put again.
    pub fn put(
        &self,
        key: LinkKey,
        namespace: &str,
        settings: Result<Settings, InvalidSettings>,
    ) -> Result<(), String> {
        let database = settings
            .map_err(|error| error.to_string())
            .and_then(|settings| {
                if self.join(&key, namespace, &settings) {
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
        let mut links = self.write();
        let mut interfaces = BTreeSet::from([namespace.to_owned()]);
        if let Some(replaced) = links.remove(&key) {
            replaced.link.close();
            interfaces.extend(replaced.interfaces);
        }
        links.insert(key, Entry { link, interfaces });
        outcome
    }

    /// Takes one interface off a link, and closes the link with the last. A host does not say which one is deleted: the
    /// addition, `ticketing`, is taken to go first.
    pub fn remove(&self, key: &LinkKey) {
        let mut links = self.write();
        let is_last = links.get_mut(key).is_none_or(|entry| {
            entry.interfaces.pop_first();
            entry.interfaces.is_empty()
        });
        if is_last {
            self.forget(&mut links, key);
        }
    }

    /// Closes every link.
    pub fn close(&self) {
        let mut links = self.write();
        let keys: Vec<LinkKey> = links.keys().cloned().collect();
        for key in keys {
            self.forget(&mut links, &key);
        }
    }

    fn forget(&self, links: &mut HashMap<LinkKey, Entry>, key: &LinkKey) {
        if let Some(entry) = links.remove(key) {
            entry.link.close();
        }
        self.health.remove(&key.part());
    }

    /// The database behind a link.
    ///
    /// # Errors
    /// `08003` when there is no such link, or when its settings are malformed, with the reason.
    pub fn database(&self, key: &LinkKey) -> Result<Arc<Database>, Failure> {
        let links = self.links.read().unwrap_or_else(PoisonError::into_inner);
        let reason = match links.get(key).map(|entry| &entry.link) {
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
                .filter_map(|(key, entry)| match &entry.link {
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

    /// Adds interfaces to a link that is open with the same settings; false when there is none.
    fn join(&self, key: &LinkKey, namespace: &str, settings: &Settings) -> bool {
        match self.write().get_mut(key) {
            Some(Entry {
                link: Link::Open { database, .. },
                interfaces,
            }) if database.settings() == settings => {
                interfaces.insert(namespace.to_owned());
                true
            }
            _ => false,
        }
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<LinkKey, Entry>> {
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

    const WASMCLOUD: &str = "wasmcloud";

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
                .put(LinkKey::new("orders", link), WASMCLOUD, settings)
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
        links
            .put(key.clone(), WASMCLOUD, settings(&[]))
            .expect("valid");
        let before = links.database(&key).expect("linked");
        links
            .put(key.clone(), WASMCLOUD, settings(&[]))
            .expect("valid");
        assert!(Arc::ptr_eq(&before, &links.database(&key).expect("linked")));
        let other = settings(&[("POSTGRES_POOL_SIZE", "3")]);
        links.put(key.clone(), WASMCLOUD, other).expect("valid");
        assert!(!Arc::ptr_eq(
            &before,
            &links.database(&key).expect("linked")
        ));
    }

    #[tokio::test]
    async fn interfaces_of_one_link_share_its_pool_until_the_last_is_gone() {
        let links = Links::default();
        let key = LinkKey::new("orders", "default");
        for namespace in [WASMCLOUD, "ticketing"] {
            links
                .put(key.clone(), namespace, settings(&[]))
                .expect("valid");
        }
        let before = links.database(&key).expect("linked");
        links.remove(&key);
        assert!(Arc::ptr_eq(&before, &links.database(&key).expect("linked")));
        links.remove(&key);
        assert!(links.database(&key).is_err());
    }

    #[tokio::test]
    async fn a_malformed_link_fails_calls_and_health_until_it_is_put_right() {
        let links = Links::default();
        let key = LinkKey::new("orders", "default");
        let malformed = settings(&[("POSTGRES_POOL_SIZE", "many")]);
        assert!(links.put(key.clone(), WASMCLOUD, malformed).is_err());
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
        links
            .put(key.clone(), WASMCLOUD, settings(&[]))
            .expect("valid");
        let health = links.health().await;
        assert!(!health.healthy);
        let message = health.message.unwrap_or_default();
        assert!(
            message.starts_with("link orders/default: 08006: "),
            "{message}"
        );
    }
}
