//! The whole story of a ticket, an order or a payment: everything that mentions it or what belongs to it, in time order.
use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Evidence;

/// Something that happened, or how something stands.
struct Item {
    /// None for how something stands at the end.
    at: Option<OffsetDateTime>,
    source: &'static str,
    what: Value,
}

/// Tells everything about `subjects` and what belongs to them: a ticket's orders, their payments and PaymentIntents.
#[must_use]
pub fn history(evidence: &Evidence, subjects: &[String]) -> String {
    let ids = family(evidence, subjects);
    let mut items: Vec<(Option<OffsetDateTime>, &str, String)> = items(evidence)
        .into_iter()
        .map(|item| (item.at, item.source, item.what.to_string()))
        .filter(|(_, _, text)| ids.iter().any(|id| text.contains(id.as_str())))
        .collect();
    // What has no time is how things stand: last.
    items.sort_by_key(|(at, ..)| (at.is_none(), *at));
    let mut told = String::new();
    for (at, source, text) in items {
        let at = at.and_then(|at| at.format(&Rfc3339).ok());
        // Writing to a String does not fail.
        let _ = writeln!(
            told,
            "  {:30} {source:18} {text}",
            at.as_deref().unwrap_or("in the end")
        );
    }
    told
}

/// The subjects, and what belongs to them, until nothing more does.
fn family(evidence: &Evidence, subjects: &[String]) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> = subjects
        .iter()
        .filter(|id| !id.is_empty())
        .cloned()
        .collect();
    let mut ties: Vec<[String; 2]> = Vec::new();
    for order in &evidence.orders {
        ties.push([order.ticket_id.to_string(), order.id.to_string()]);
    }
    for payment in &evidence.payments {
        ties.push([payment.order_id.to_string(), payment.id.to_string()]);
        let intent = payment.stripe_id.clone();
        ties.extend(intent.map(|intent| [payment.id.to_string(), intent]));
    }
    for charge in &evidence.ledger.charges {
        let order = charge.order().map(str::to_owned);
        ties.extend(order.map(|order| [order, charge.payment_intent.clone()]));
    }
    loop {
        let before = ids.len();
        for [one, other] in &ties {
            if ids.contains(one) {
                ids.insert(other.clone());
            } else if ids.contains(other) {
                ids.insert(one.clone());
            }
        }
        if ids.len() == before {
            return ids;
        }
    }
}

fn items(evidence: &Evidence) -> Vec<Item> {
    let mut items = Vec::new();
    let mut add = |at, source, what| items.push(Item { at, source, what });
    for entry in &evidence.journal {
        let (method, path) = (&entry.method, &entry.path);
        let asked = json!({ "asked": format!("{method} {path}"), "body": entry.body });
        add(Some(entry.sent), "visitor", asked);
        let told = json!({ "told": entry.status, "answer": entry.answer, "asked": format!("{method} {path}"), "body": entry.body });
        add(Some(entry.answered), "visitor", told);
    }
    for outage in &evidence.outages {
        add(Some(outage.begin), "fault", json!(outage.what));
    }
    for event in &evidence.events {
        add(event.time(), "event", json!(event));
    }
    for letter in &evidence.dead_letters {
        add(None, "dead letter", json!(letter));
    }
    let second = |created| OffsetDateTime::from_unix_timestamp(created).ok();
    for charge in &evidence.ledger.charges {
        add(second(charge.created), "Stripe charge", json!(charge));
    }
    for refund in &evidence.ledger.refunds {
        add(second(refund.created), "Stripe refund", json!(refund));
    }
    let mut stand = |source, rows: Vec<Value>| {
        for row in rows {
            add(None, source, row);
        }
    };
    stand(
        "tickets.tickets",
        evidence.tickets.iter().map(|row| json!(row)).collect(),
    );
    stand(
        "tickets.ticket_orders",
        evidence.holds.iter().map(|row| json!(row)).collect(),
    );
    stand(
        "orders.orders",
        evidence.orders.iter().map(|row| json!(row)).collect(),
    );
    stand(
        "orders.tickets",
        evidence
            .ticket_copies
            .iter()
            .map(|row| json!(row))
            .collect(),
    );
    stand(
        "payments.payments",
        evidence.payments.iter().map(|row| json!(row)).collect(),
    );
    stand(
        "payments.orders",
        evidence.order_copies.iter().map(|row| json!(row)).collect(),
    );
    stand(
        "expiration.deadlines",
        evidence.deadlines.iter().map(|row| json!(row)).collect(),
    );
    items
}
