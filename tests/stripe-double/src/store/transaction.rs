//! One step of work: it sees its own changes at once, and they become durable together.
//! It also turns what happened into events, and events into deliveries.

use super::{Books, Change};
use crate::objects::Event;
use crate::webhooks::Delivery;
use crate::{clock, ids};
use serde_json::Value;

/// What caused a step.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// The API request; none for the dashboard and for the double itself.
    pub request_id: Option<String>,
    pub idempotency_key: Option<String>,
    /// Where the buyer's browser reaches the double.
    pub public_url: String,
    /// Whether an intent takes cards alone unless it asks for more.
    pub cards_only: bool,
}

/// The books, open for one step.
pub struct Transaction<'a> {
    books: &'a mut Books,
    changes: Vec<Change>,
    /// What caused this step.
    pub origin: Origin,
    /// Seconds since the epoch, the same for all of the step.
    pub now: i64,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(books: &'a mut Books, origin: Origin) -> Self {
        Self {
            books,
            changes: Vec::new(),
            origin,
            now: clock::now(),
        }
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    /// The books with this step's changes.
    pub fn books(&self) -> &Books {
        self.books
    }

    /// Makes a change.
    pub fn record(&mut self, change: Change) {
        self.books.apply(change.clone());
        self.changes.push(change);
    }

    /// Records that something happened to `object`, and owes the news to every endpoint that wants it.
    pub fn emit(&mut self, kind: &str, object: Value) {
        let event = Event {
            id: ids::new("evt"),
            created: self.now,
            kind: kind.to_owned(),
            object,
            request_id: self.origin.request_id.clone(),
            idempotency_key: self.origin.idempotency_key.clone(),
        };
        let wanting = self
            .books
            .endpoints
            .oldest_first()
            .filter(|endpoint| endpoint.wants(kind));
        let deliveries: Vec<_> = wanting
            .map(|endpoint| Delivery::of(&event, endpoint))
            .collect();
        self.record(Change::Event(event));
        for delivery in deliveries {
            self.record(Change::Delivery(delivery));
        }
    }
}
