//! 1. A ticket has at most one order that is not cancelled. No buyer is ever told 201 for a ticket that is another's.
use std::collections::HashMap;

use time::OffsetDateTime;
use uuid::Uuid;

use crate::journal::Acknowledged;
use crate::{Evidence, Order, Promise, Violation};

pub(super) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let mut broken = two_orders_now(evidence);
    broken.extend(two_buyers_at_once(evidence));
    broken
}

fn two_orders_now(evidence: &Evidence) -> Vec<Violation> {
    let mut holders: HashMap<Uuid, Vec<&Order>> = HashMap::new();
    for order in &evidence.orders {
        if order.status != "cancelled" {
            holders.entry(order.ticket_id).or_default().push(order);
        }
    }
    let several = holders.into_iter().filter(|(_, orders)| orders.len() > 1);
    several
        .map(|(ticket, orders)| {
            Violation::new(
                Promise::NoOversell,
                [ticket],
                format!("{} orders hold it", orders.len()),
            )
        })
        .collect()
}

/// A time in which an order has held its ticket for certain: from the answer that told its buyer so, to the beginning of the
/// transaction that cancelled it, if one did.
struct Hold {
    order: Uuid,
    begin: OffsetDateTime,
    end: Option<OffsetDateTime>,
}

fn two_buyers_at_once(evidence: &Evidence) -> Vec<Violation> {
    let mut ended: HashMap<Uuid, OffsetDateTime> = HashMap::new();
    for event in &evidence.events {
        if let ("order:cancelled", true, Some(order), Some(time)) = (
            event.kind(),
            event.is_genuine(),
            event.subject(),
            event.time(),
        ) {
            let first = ended.entry(order).or_insert(time);
            *first = time.min(*first);
        }
    }
    let mut holds: HashMap<Uuid, Vec<Hold>> = HashMap::new();
    for entry in &evidence.journal {
        if let Some(Acknowledged::Order { order, ticket, .. }) = entry.acknowledged() {
            let (begin, end) = (entry.answered, ended.get(&order).copied());
            // An answer may come when the order is over already, and says so: a request that was asked again.
            if end.is_none_or(|end| end > begin) {
                let hold = Hold { order, begin, end };
                holds.entry(ticket).or_default().push(hold);
            }
        }
    }
    let mut broken = Vec::new();
    for (ticket, mut holds) in holds {
        holds.sort_by_key(|hold| hold.begin);
        for pair in holds.windows(2) {
            let [earlier, later] = pair else { continue };
            // The same order twice is a repeated request that was answered like the first.
            if earlier.order != later.order && earlier.end.is_none_or(|end| end > later.begin) {
                broken.push(Violation::new(
                    Promise::NoOversell,
                    [ticket, earlier.order, later.order],
                    "a buyer was told 201 while another held the ticket",
                ));
            }
        }
    }
    broken
}
