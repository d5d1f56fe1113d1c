//! Events: CloudEvents 1.0 in structured JSON, and the ones that orders tells the other services of.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use thiserror::Error;
use uuid::Uuid;

/// An event as it arrives: its envelope read, its data still to be.
#[derive(Debug, Deserialize)]
pub struct Event<'a> {
    /// Unique: handling an id a second time changes nothing.
    pub id: Uuid,
    /// What happened, for example `ticket:created`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The trace that it belongs to (W3C Trace Context).
    #[serde(default)]
    pub traceparent: Option<String>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// An event that can never be handled, however often it is delivered.
#[derive(Debug, Error)]
pub enum EventError {
    /// The envelope or the data is not what its type promises.
    #[error("permanent: malformed event: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The data has the right shape, but a value that cannot be.
    #[error("permanent: invalid event: {0}")]
    Invalid(String),
    /// Not a type that this service handles.
    #[error("permanent: unexpected event type {0}")]
    Unexpected(String),
    /// The database did not take it; it will be delivered again.
    #[error("{0}")]
    Database(#[from] crate::SqlError),
}

impl<'a> Event<'a> {
    /// Reads the envelope of an event.
    ///
    /// # Errors
    /// [`EventError::Malformed`].
    pub fn read(body: &'a [u8]) -> Result<Self, EventError> {
        Ok(serde_json::from_slice(body)?)
    }

    /// Reads the data.
    ///
    /// # Errors
    /// [`EventError::Malformed`].
    pub fn data<T: DeserializeOwned>(&self) -> Result<T, EventError> {
        Ok(serde_json::from_str(self.data.get())?)
    }

    /// The data as JSON text.
    #[must_use]
    pub fn data_text(&self) -> &str {
        self.data.get()
    }

    /// The error for a type that the service does not handle.
    #[must_use]
    pub fn unexpected(&self) -> EventError {
        EventError::Unexpected(self.kind.clone())
    }
}

/// The ticket that an order is for.
#[derive(Clone, Debug, Deserialize)]
pub struct OrderTicket {
    /// The ticket's id.
    pub id: Uuid,
}

/// `order:created`: a ticket was reserved.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCreated {
    /// The order's id.
    pub id: Uuid,
    /// The order's version: 0 for a new one.
    pub version: i64,
    /// When it expires, RFC 3339.
    pub expires_at: String,
    /// What was reserved.
    pub ticket: OrderTicket,
}

/// `order:cancelled`: its ticket is free again.
#[derive(Clone, Debug, Deserialize)]
pub struct OrderCancelled {
    /// The order's id.
    pub id: Uuid,
    /// The order's version.
    pub version: i64,
    /// What was reserved.
    pub ticket: OrderTicket,
}

/// `order:completed`: it was paid, and its ticket is sold.
#[derive(Clone, Debug, Deserialize)]
pub struct OrderCompleted {
    /// The order's id.
    pub id: Uuid,
    /// The order's version.
    pub version: i64,
    /// What was sold.
    pub ticket: OrderTicket,
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATED: &[u8] = br#"{"specversion":"1.0","id":"7f1f0bb5-74b8-4b0c-a0c5-5c9b6d3a2f10","source":"/ticketing/orders",
        "type":"order:created","subject":"s","time":"2026-01-01T00:00:00Z","datacontenttype":"application/json",
        "data":{"id":"7f1f0bb5-74b8-4b0c-a0c5-5c9b6d3a2f11","version":0,"status":"created","userId":"7f1f0bb5-74b8-4b0c-a0c5-5c9b6d3a2f12",
        "expiresAt":"2026-01-01T00:15:00Z","ticket":{"id":"7f1f0bb5-74b8-4b0c-a0c5-5c9b6d3a2f13","price":12.5}}}"#;

    #[test]
    fn an_event_is_read_in_two_steps() {
        let event = Event::read(CREATED).unwrap();
        assert_eq!(event.kind, "order:created");
        let data: OrderCreated = event.data().unwrap();
        assert_eq!(data.version, 0);
    }

    #[test]
    fn what_can_never_be_handled_says_so_to_the_broker() {
        let error = Event::read(b"{}").unwrap_err();
        assert!(error.to_string().starts_with("permanent:"));
        let error = Event::read(CREATED).unwrap().unexpected();
        assert!(error.to_string().starts_with("permanent:"));
    }
}
