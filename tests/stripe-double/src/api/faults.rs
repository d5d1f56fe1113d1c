//! Faults on request: an answer late, lost or replaced, before or after the effect.
//! They stand for what the network and Stripe's own machines do to a caller.

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// One fault, and the requests it befalls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    #[serde(default, skip_deserializing)]
    pub id: u64,
    /// Path pattern, in which `*` stands for any text: `/v1/payment_intents/*/confirm`.
    pub path: String,
    /// HTTP method; any when not given.
    #[serde(default)]
    pub method: Option<String>,
    /// On which side of the effect it happens.
    #[serde(default)]
    pub when: When,
    /// How long the request stands still first.
    #[serde(default)]
    pub delay_ms: u64,
    /// What the caller gets in place of the answer; the answer, late, when not given.
    #[serde(default)]
    pub reply: Option<Reply>,
    /// With a status as reply after the effect: whether the idempotency key keeps that status rather than the answer.
    #[serde(default)]
    pub stored: bool,
    /// How many requests it befalls; every one until it is cleared when not given.
    #[serde(default)]
    pub times: Option<u32>,
}

/// A side of the effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    #[default]
    Before,
    After,
}

/// What the caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Reply {
    /// An HTTP status with Stripe's error object.
    Status(u16),
    /// No answer: the connection is closed.
    Nothing(Nothing),
}

/// The word for no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Nothing {
    #[serde(rename = "drop")]
    Drop,
}

impl Fault {
    fn befalls(&self, method: &str, path: &str) -> bool {
        self.times != Some(0)
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && matches(&self.path, path)
    }

    /// Stands still.
    pub async fn delay(&self) {
        tokio::time::sleep(Duration::from_millis(self.delay_ms)).await;
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            rest.char_indices()
                .map(|(at, _)| at)
                .chain([rest.len()])
                .any(|at| matches(tail, &rest[at..]))
        }),
    }
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Registry>);

#[derive(Debug, Default)]
struct Registry {
    next_id: u64,
    faults: Vec<Fault>,
}

impl Faults {
    /// Adds a fault and returns its id.
    pub fn add(&self, mut fault: Fault) -> u64 {
        let mut registry = self.lock();
        registry.next_id += 1;
        fault.id = registry.next_id;
        registry.faults.push(fault);
        registry.next_id
    }

    /// The faults in force, spent ones included.
    pub fn all(&self) -> Vec<Fault> {
        self.lock().faults.clone()
    }

    /// Removes one fault; false when there is none with this id.
    pub fn clear(&self, id: u64) -> bool {
        let mut registry = self.lock();
        let before = registry.faults.len();
        registry.faults.retain(|fault| fault.id != id);
        registry.faults.len() < before
    }

    /// Removes all.
    pub fn clear_all(&self) {
        self.lock().faults.clear();
    }

    /// The fault that befalls a request: the first that fits. Counts it.
    pub fn take(&self, method: &str, path: &str) -> Option<Fault> {
        let mut registry = self.lock();
        let fault = registry
            .faults
            .iter_mut()
            .find(|fault| fault.befalls(method, path))?;
        if let Some(times) = &mut fault.times {
            *times -= 1;
        }
        Some(fault.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches(
            "/v1/payment_intents/*/confirm",
            "/v1/payment_intents/pi_1/confirm"
        ));
        assert!(matches("/v1/payment_intents*", "/v1/payment_intents"));
        assert!(!matches("/v1/payment_intents", "/v1/payment_intents/pi_1"));
        assert!(matches("*", "/anything"));
    }

    #[test]
    fn a_counted_fault_befalls_so_many_requests() {
        let faults = Faults::default();
        let fault: Fault =
            serde_json::from_str(r#"{"path":"*","reply":"drop","times":1}"#).unwrap();
        faults.add(fault);
        assert_eq!(
            faults.take("GET", "/").and_then(|fault| fault.reply),
            Some(Reply::Nothing(Nothing::Drop))
        );
        assert_eq!(faults.take("GET", "/"), None);
    }
}
