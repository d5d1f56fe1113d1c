//! Delivery: one event owed to one endpoint, until it acknowledges.
//! The debt is journaled; the attempts made on it are not.

use super::Endpoint;
use crate::ids;
use crate::objects::Event;
use serde::{Deserialize, Serialize};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Pending,
    Delivered,
    /// Never to be sent, by a policy.
    Dropped,
}

/// One event owed to one endpoint.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delivery {
    pub id: String,
    pub event: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub endpoint: String,
    pub state: State,
    /// Attempts of this run of the double.
    #[serde(default)]
    pub attempts: u32,
    /// What came of the last attempt: a status, or the transport's error.
    #[serde(default)]
    pub last_result: Option<String>,
}

impl Delivery {
    /// What `endpoint` is owed for `event`.
    pub fn of(event: &Event, endpoint: &Endpoint) -> Self {
        Self {
            id: ids::new("del"),
            event: event.id.clone(),
            kind: event.kind.clone(),
            endpoint: endpoint.id.clone(),
            state: State::Pending,
            attempts: 0,
            last_result: None,
        }
    }

    /// Whether it is still owed.
    pub fn is_pending(&self) -> bool {
        self.state == State::Pending
    }

    /// The same delivery, settled.
    pub fn settled(mut self, state: State) -> Self {
        self.state = state;
        self
    }
}
