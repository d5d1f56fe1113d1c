//! Webhook endpoint: an address that wants events, and the secret they are signed with.
//! See <https://docs.stripe.com/api/webhook_endpoints>.

use crate::ids;
use serde::{Deserialize, Serialize};

/// A `we_…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    pub id: String,
    pub url: String,
    pub secret: String,
    /// Event types it wants; empty or `*` for all.
    pub enabled_events: Vec<String>,
    /// Named by the configuration, so it survives a reset and is not in the journal.
    #[serde(skip)]
    pub configured: bool,
}

impl Endpoint {
    /// The endpoint that stands at `index` in the configuration. Its id is the same after a restart, also when
    /// its address is another, so that deliveries owed to it find it.
    pub fn configured(index: usize, url: &str, secret: &str, enabled_events: Vec<String>) -> Self {
        Self {
            id: format!("we_configured{index}"),
            url: url.to_owned(),
            secret: secret.to_owned(),
            enabled_events,
            configured: true,
        }
    }

    /// One added while running.
    pub fn added(url: String, secret: String, enabled_events: Vec<String>) -> Self {
        Self {
            id: ids::new("we"),
            url,
            secret,
            enabled_events,
            configured: false,
        }
    }

    /// Whether it is to be told of this type of event.
    pub fn wants(&self, kind: &str) -> bool {
        self.enabled_events.is_empty()
            || self
                .enabled_events
                .iter()
                .any(|wanted| wanted == "*" || wanted == kind)
    }
}
