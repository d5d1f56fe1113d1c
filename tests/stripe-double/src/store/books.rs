//! Everything the double remembers.
//! Only `apply` changes it, which is what makes the journal complete.

use super::table::Table;
use super::{Change, StoredAnswer};
use crate::objects::{Charge, Dispute, Event, PaymentIntent, PaymentMethod, Refund, Token};
use crate::webhooks::{Delivery, Endpoint};
use crate::wire::Row;
use serde_json::Value;
use std::collections::HashMap;

/// All objects, keys and deliveries.
#[derive(Default)]
pub struct Books {
    pub tokens: Table<Token>,
    pub payment_methods: Table<PaymentMethod>,
    pub payment_intents: Table<PaymentIntent>,
    pub charges: Table<Charge>,
    pub refunds: Table<Refund>,
    pub disputes: Table<Dispute>,
    pub events: Table<Event>,
    pub deliveries: Table<Delivery>,
    pub endpoints: Table<Endpoint>,
    /// How old an intent must be to be found by search.
    pub search_lag_seconds: i64,
    answers: HashMap<String, StoredAnswer>,
    /// Pending deliveries by event.
    pending_webhooks: HashMap<String, usize>,
}

impl Books {
    /// Empty books with the endpoints that the configuration names.
    pub fn new(endpoints: Vec<Endpoint>) -> Self {
        let mut books = Self::default();
        for endpoint in endpoints {
            books.apply(Change::Endpoint(endpoint));
        }
        books
    }

    /// Makes one change.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Token(row) => self.tokens.put(&row.id.clone(), row),
            Change::PaymentMethod(row) => self.payment_methods.put(&row.id.clone(), row),
            Change::PaymentIntent(row) => self.payment_intents.put(&row.id.clone(), row),
            Change::Charge(row) => self.charges.put(&row.id.clone(), row),
            Change::Refund(row) => self.refunds.put(&row.id.clone(), row),
            Change::Dispute(row) => self.disputes.put(&row.id.clone(), row),
            Change::Event(row) => self.events.put(&row.id.clone(), row),
            Change::Delivery(row) => self.put_delivery(row),
            Change::Endpoint(row) => self.endpoints.put(&row.id.clone(), row),
            Change::EndpointRemoved(id) => self.endpoints.remove(&id),
            Change::Answer(answer) => {
                self.answers.insert(answer.key.clone(), answer);
            }
            Change::KeysExpired => self.answers.clear(),
            Change::Reset => {
                let configured = self
                    .endpoints
                    .oldest_first()
                    .filter(|endpoint| endpoint.configured);
                *self = Self::new(configured.cloned().collect());
            }
        }
    }

    /// The answer kept for an idempotency key.
    pub fn answer(&self, key: &str) -> Option<&StoredAnswer> {
        self.answers.get(key)
    }

    /// Deliveries of an event that no endpoint has acknowledged yet.
    pub fn pending_webhooks(&self, event: &str) -> usize {
        self.pending_webhooks
            .get(event)
            .copied()
            .unwrap_or_default()
    }

    fn put_delivery(&mut self, row: Delivery) {
        let before = self
            .deliveries
            .get(&row.id)
            .is_some_and(Delivery::is_pending);
        let pending = self.pending_webhooks.entry(row.event.clone()).or_default();
        match (before, row.is_pending()) {
            (false, true) => *pending += 1,
            (true, false) => *pending = pending.saturating_sub(1),
            _ => {}
        }
        if *pending == 0 {
            self.pending_webhooks.remove(&row.event);
        }
        self.deliveries.put(&row.id.clone(), row);
    }

    /// Any object by its id, in the API's shape.
    pub fn object(&self, id: &str) -> Option<Value> {
        match id.split_once('_')?.0 {
            "pi" => self.payment_intents.get(id).map(Row::json),
            "pm" => self.payment_methods.get(id).map(Row::json),
            "ch" => self.charges.get(id).map(Row::json),
            "re" => self.refunds.get(id).map(Row::json),
            "du" => self.disputes.get(id).map(Dispute::json),
            _ => None,
        }
    }
}
