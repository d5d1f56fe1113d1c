//! The vocabulary of the journal: what can happen to the books.
//! Each change carries the whole new object, so replaying it twice changes nothing.

use crate::objects::{Charge, Dispute, Event, PaymentIntent, PaymentMethod, Refund, Token};
use crate::webhooks::{Delivery, Endpoint};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Token(Token),
    PaymentMethod(PaymentMethod),
    PaymentIntent(PaymentIntent),
    Charge(Charge),
    Refund(Refund),
    Dispute(Dispute),
    Event(Event),
    Delivery(Delivery),
    Endpoint(Endpoint),
    EndpointRemoved(String),
    Answer(StoredAnswer),
    /// Every idempotency key is forgotten, as Stripe does with those older than a day.
    KeysExpired,
    /// Everything but the configured webhook endpoints is forgotten.
    Reset,
}

/// What was answered to the first request with an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredAnswer {
    pub key: String,
    pub path: String,
    /// Digest of the parameters.
    pub fingerprint: String,
    pub status: u16,
    pub body: Value,
    pub request_id: String,
}
