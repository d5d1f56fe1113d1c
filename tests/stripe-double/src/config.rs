//! What a double is started with.
//! The defaults are good for a test: any free port, keys that cannot be mistaken for real ones, nothing on disk.

use crate::webhooks::Retry;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// The configuration of a double.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where a buyer's browser reaches the double; `http://<listen>` when not given.
    pub public_url: Option<String>,
    /// The API key of servers.
    pub secret_key: String,
    /// The API key of browsers.
    pub publishable_key: String,
    /// An account whose API version is older than 2023-08-16: an intent takes cards alone unless it asks for more.
    pub cards_only: bool,
    /// Addresses that are told of events. Only `http://` ones can be reached.
    pub webhook_urls: Vec<String>,
    /// Types of events that they are told of; empty for all.
    pub webhook_events: Vec<String>,
    /// The `whsec_…` that events to these addresses are signed with.
    pub webhook_secret: String,
    /// How a webhook that was not acknowledged is repeated.
    pub webhook_retry: Retry,
    /// The journal; in memory only when not given.
    pub data: Option<PathBuf>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            public_url: None,
            secret_key: "sk_test_double".into(),
            publishable_key: "pk_test_double".into(),
            cards_only: false,
            webhook_urls: Vec::new(),
            webhook_events: Vec::new(),
            webhook_secret: "whsec_double".into(),
            webhook_retry: Retry {
                first: Duration::from_millis(500),
                max: Duration::from_secs(30),
            },
            data: None,
        }
    }
}
