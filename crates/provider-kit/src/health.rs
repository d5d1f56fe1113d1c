//! A provider's health is the health of its named parts: a link, a pool, a listener, a consumer.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use wasmcloud_core::HealthCheckResponse;

/// The state of every named part of a provider; clones share it.
///
/// A provider without parts is healthy. Tasks report with [`ok`](Health::ok) and
/// [`failing`](Health::failing); `Provider::health_request` answers with
/// [`response`](Health::response). (Always answer `Ok(..)` there: an `Err` ends the SDK's command loop.)
///
/// ```
/// let health = provider_kit::Health::default();
/// health.failing("link tickets/default", "08006: cannot connect to 127.0.0.1:5432");
/// assert!(!health.response().healthy);
/// health.ok("link tickets/default");
/// assert!(health.response().healthy);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Health {
    /// Part name → `None` when it works, else why it does not.
    parts: Arc<RwLock<BTreeMap<String, Option<String>>>>,
}

impl Health {
    /// Records that `part` works.
    pub fn ok(&self, part: impl Into<String>) {
        self.set(part.into(), None);
    }

    /// Records that `part` does not work and why. The message reaches operators: no secrets.
    pub fn failing(&self, part: impl Into<String>, message: impl Into<String>) {
        self.set(part.into(), Some(message.into()));
    }

    /// Records the outcome of an attempt, `failing` with the error's text when it is one.
    pub fn record<T, E: std::fmt::Display>(&self, part: impl Into<String>, outcome: &Result<T, E>) {
        match outcome {
            Ok(_) => self.ok(part),
            Err(error) => self.failing(part, error.to_string()),
        }
    }

    /// Forgets `part`, for example when its link was deleted.
    pub fn remove(&self, part: &str) {
        self.parts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(part);
    }

    /// The answer to the lattice's health check: healthy when every part is, otherwise a message
    /// `part: why; part: why` of those that fail, in the order of their names.
    pub fn response(&self) -> HealthCheckResponse {
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        let failing: Vec<String> = parts
            .iter()
            .filter_map(|(part, state)| state.as_ref().map(|why| format!("{part}: {why}")))
            .collect();
        HealthCheckResponse {
            healthy: failing.is_empty(),
            message: (!failing.is_empty()).then(|| failing.join("; ")),
        }
    }

    fn set(&self, part: String, state: Option<String>) {
        self.parts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(part, state);
    }
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn a_provider_without_parts_is_healthy() {
        let response = Health::default().response();
        assert!(response.healthy);
        assert_eq!(response.message, None);
    }

    #[test]
    fn one_failing_part_makes_the_provider_unhealthy_and_is_named() {
        let health = Health::default();
        health.ok("listener");
        health.failing("pool", "refused");
        health.failing("bucket", "missing");
        let response = health.response();
        assert!(!response.healthy);
        assert_eq!(
            response.message.as_deref(),
            Some("bucket: missing; pool: refused")
        );
    }

    #[test]
    fn a_part_that_recovers_or_is_removed_no_longer_counts() {
        let health = Health::default();
        health.failing("pool", "refused");
        health.failing("link", "bad config");
        health.ok("pool");
        health.remove("link");
        assert!(health.response().healthy);
    }

    #[test]
    fn clones_share_their_parts() {
        let health = Health::default();
        health.clone().record("pool", &Err::<(), _>("refused"));
        assert!(!health.response().healthy);
    }
}
