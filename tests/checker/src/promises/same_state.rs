//! 4. Events in any order lead to the same state; none blocks the ones behind it; one that can never be handled ends as a
//! dead letter with its reason. What each service knows of the others is what the others are.
use std::collections::HashMap;

use uuid::Uuid;

use crate::{Evidence, Order, Promise, Violation};

pub(super) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let orders: HashMap<Uuid, &Order> = evidence.orders.iter().map(|row| (row.id, row)).collect();
    let mut broken = copies_of_tickets(evidence);
    broken.extend(copies_of_orders(evidence, &orders));
    broken.extend(holders(evidence));
    broken.extend(deadlines(evidence, &orders));
    broken.extend(dead_letters(evidence));
    broken
}

fn differs<S: ToString>(
    subjects: impl IntoIterator<Item = S>,
    what: impl Into<String>,
) -> Violation {
    Violation::new(Promise::SameState, subjects, what)
}

/// What orders knows of each ticket is what the ticket is.
fn copies_of_tickets(evidence: &Evidence) -> Vec<Violation> {
    let copies: HashMap<Uuid, _> = evidence
        .ticket_copies
        .iter()
        .map(|row| (row.id, row))
        .collect();
    let mut broken = Vec::new();
    for ticket in &evidence.tickets {
        let Some(copy) = copies.get(&ticket.id) else {
            broken.push(differs([ticket.id], "orders does not know the ticket"));
            continue;
        };
        let truth = (
            ticket.version,
            &ticket.title,
            ticket.price,
            ticket.deleted_at.is_some(),
        );
        let copy = (copy.version, &copy.title, copy.price, copy.deleted);
        if truth != copy {
            broken.push(differs(
                [ticket.id],
                format!("the ticket is {truth:?}, and orders thinks {copy:?}"),
            ));
        }
    }
    broken
}

/// What tickets and payments know of each order is what the order is.
fn copies_of_orders(evidence: &Evidence, orders: &HashMap<Uuid, &Order>) -> Vec<Violation> {
    let holds = evidence
        .holds
        .iter()
        .map(|row| ("tickets", row.order_id, row.version, row.status.as_str()));
    let copies = evidence
        .order_copies
        .iter()
        .map(|row| ("payments", row.id, row.version, row.status.as_str()));
    let mut known: HashMap<(&str, Uuid), (i64, &str)> = HashMap::new();
    for (service, order, version, status) in holds.chain(copies) {
        known.insert((service, order), (version, status));
    }
    let mut broken = Vec::new();
    for order in orders.values() {
        for service in ["tickets", "payments"] {
            let truth = (order.version, status_told(order));
            match known.get(&(service, order.id)) {
                None => broken.push(differs(
                    [order.id],
                    format!("{service} does not know the order"),
                )),
                Some(copy) if *copy != truth => {
                    broken.push(differs(
                        [order.id],
                        format!("the order is {truth:?}, and {service} thinks {copy:?}"),
                    ));
                }
                Some(_) => {}
            }
        }
    }
    broken
}

/// The other services do not tell the two open states apart.
fn status_told(order: &Order) -> &str {
    match order.status.as_str() {
        "awaiting:payment" => "created",
        status => status,
    }
}

/// A ticket that was not withdrawn is held by its order that is not cancelled, if there is one.
fn holders(evidence: &Evidence) -> Vec<Violation> {
    let active: HashMap<Uuid, Uuid> = evidence
        .orders
        .iter()
        .filter(|order| order.status != "cancelled")
        .map(|order| (order.ticket_id, order.id))
        .collect();
    let mut broken = Vec::new();
    for ticket in evidence
        .tickets
        .iter()
        .filter(|ticket| ticket.deleted_at.is_none())
    {
        let holder = active.get(&ticket.id).copied();
        if ticket.order_id != holder {
            let what = format!(
                "it is held by {holder:?}, and its seller sees {:?}",
                ticket.order_id
            );
            broken.push(differs([ticket.id], what));
        }
    }
    broken
}

/// expiration watches the orders that are open, and no others.
fn deadlines(evidence: &Evidence, orders: &HashMap<Uuid, &Order>) -> Vec<Violation> {
    let watched: HashMap<Uuid, bool> = evidence
        .deadlines
        .iter()
        .map(|row| (row.order_id, row.closed))
        .collect();
    let mut broken = Vec::new();
    for order in orders.values() {
        let over = matches!(order.status.as_str(), "complete" | "cancelled");
        match watched.get(&order.id) {
            None => broken.push(differs([order.id], "expiration does not know the order")),
            // A revived order may have been closed before.
            Some(closed) if *closed != over => {
                broken.push(differs(
                    [order.id],
                    format!(
                        "the order is {}, and its deadline is closed: {closed}",
                        order.status
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    broken
}

/// A dead letter has its reason, and what a service has told is never given up: nobody but a stranger publishes what
/// cannot be handled.
fn dead_letters(evidence: &Evidence) -> Vec<Violation> {
    let mut broken = Vec::new();
    for letter in &evidence.dead_letters {
        let subject = format!("dead letter {}", letter.sequence);
        if letter.reason.is_empty() {
            broken.push(differs([&subject], "it has no reason"));
        }
        let mut events = evidence.events.iter();
        let event = events.find(|event| event.sequence == letter.event_sequence);
        if let Some(event) = event.filter(|event| event.is_genuine()) {
            let about = event.subject().unwrap_or_default().to_string();
            let what = format!(
                "{} has given up a {}: {}",
                letter.consumer,
                event.kind(),
                letter.reason
            );
            broken.push(differs([subject, about], what));
        }
    }
    broken
}
