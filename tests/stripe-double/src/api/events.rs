//! `/v1/events`: what has happened, also for those who missed the webhook.

use super::Call;
use crate::objects::Event;
use crate::store::Transaction;
use crate::wire::{Row, StripeError, page};
use serde_json::Value;

/// An event together with how many endpoints have yet to acknowledge it.
struct Listed<'a>(&'a Event, usize);

impl Row for Listed<'_> {
    fn id(&self) -> &str {
        &self.0.id
    }

    fn created(&self) -> i64 {
        self.0.created
    }

    fn json(&self) -> Value {
        self.0.json(self.1)
    }
}

/// `GET /v1/events/:id`
pub fn retrieve(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let books = tx.books();
    match books.events.get(&call.id) {
        Some(event) => Ok(event.json(books.pending_webhooks(&event.id))),
        None => Err(StripeError::missing("event", &call.id, "id").status(404)),
    }
}

/// `GET /v1/events`
pub fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let books = tx.books();
    let kind = call.params.text("type")?;
    let types = call.params.hash("types")?;
    let wanted = |event: &&Event| {
        kind.is_none_or(|kind| event.kind == kind)
            && types.is_none_or(|types| types.texts().any(|(_, kind)| event.kind == kind))
    };
    let events = books.events.newest_first().filter(wanted);
    let rows: Vec<_> = events
        .map(|event| Listed(event, books.pending_webhooks(&event.id)))
        .collect();
    page(rows.iter(), "/v1/events", &call.params, &["type", "types"])
}
