//! Event: a fact with a snapshot of the object as it was then.
//! See <https://docs.stripe.com/api/events>.

use crate::wire::API_VERSION;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An `evt_…`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    pub id: String,
    pub created: i64,
    #[serde(rename = "type")]
    pub kind: String,
    /// The object's API shape at that moment.
    pub object: Value,
    /// The request that caused it; none for what happened in the dashboard.
    pub request_id: Option<String>,
    pub idempotency_key: Option<String>,
}

impl Event {
    /// The API's shape; `pending_webhooks` counts the endpoints that have not acknowledged it.
    pub fn json(&self, pending_webhooks: usize) -> Value {
        json!({
            "id": self.id,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created,
            "data": { "object": self.object },
            "livemode": false,
            "pending_webhooks": pending_webhooks,
            "request": { "id": self.request_id, "idempotency_key": self.idempotency_key },
            "type": self.kind,
        })
    }
}
