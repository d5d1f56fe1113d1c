//! 3. An acknowledged write is never lost, and its event is delivered at least once; handling it twice changes nothing.
use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::journal::Acknowledged;
use crate::{Entry, Event, Evidence, Promise, Violation};

pub(super) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let told = Told::of(evidence);
    let mut broken = acknowledged(evidence, &told);
    broken.extend(changes_were_told(evidence, &told));
    broken.extend(events_were_handled(evidence));
    broken
}

/// What the services have told, by type and aggregate.
struct Told<'a>(HashMap<(&'a str, Uuid), Vec<&'a Event>>);

impl<'a> Told<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let mut told: HashMap<_, Vec<_>> = HashMap::new();
        for event in evidence.events.iter().filter(|event| event.is_genuine()) {
            if let Some(subject) = event.subject() {
                told.entry((event.kind(), subject)).or_default().push(event);
            }
        }
        Self(told)
    }

    fn about(&self, kind: &'a str, subject: Uuid) -> &[&'a Event] {
        self.0.get(&(kind, subject)).map_or(&[], Vec::as_slice)
    }

    fn is_told(&self, kind: &'a str, subject: Uuid) -> bool {
        !self.about(kind, subject).is_empty()
    }

    /// The ids of the events that told of one version.
    fn of_version(&self, kinds: &[&'a str], subject: Uuid, version: i64) -> HashSet<Uuid> {
        let all = kinds.iter().flat_map(|kind| self.about(kind, subject));
        all.filter(|event| event.version() == Some(version))
            .filter_map(|event| event.id())
            .collect()
    }
}

fn lost<S: ToString>(subjects: impl IntoIterator<Item = S>, what: impl Into<String>) -> Violation {
    Violation::new(Promise::NothingLost, subjects, what)
}

/// Each write that somebody was told has happened is there, and so is its event.
fn acknowledged(evidence: &Evidence, told: &Told<'_>) -> Vec<Violation> {
    let mut judge = Witness::of(evidence);
    for entry in &evidence.journal {
        if let Some(write) = entry.acknowledged() {
            judge.hear(entry, write, told);
        }
    }
    judge.broken
}

struct Witness<'a> {
    users: HashSet<Uuid>,
    tickets: HashMap<Uuid, &'a crate::Ticket>,
    orders: HashMap<Uuid, &'a crate::Order>,
    payments: HashMap<Uuid, &'a crate::Payment>,
    broken: Vec<Violation>,
}

impl<'a> Witness<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        Self {
            users: evidence.users.iter().map(|user| user.id).collect(),
            tickets: evidence.tickets.iter().map(|row| (row.id, row)).collect(),
            orders: evidence.orders.iter().map(|row| (row.id, row)).collect(),
            payments: evidence.payments.iter().map(|row| (row.id, row)).collect(),
            broken: Vec::new(),
        }
    }

    fn hear(&mut self, entry: &Entry, write: Acknowledged, told: &Told<'_>) {
        let (subject, kept, event) = match write {
            Acknowledged::SignUp { user } => (user, self.users.contains(&user), None),
            Acknowledged::Sale { ticket } => (
                ticket,
                self.tickets.contains_key(&ticket),
                Some("ticket:created"),
            ),
            Acknowledged::Edit { ticket, version } => {
                let row = self.tickets.get(&ticket);
                let updates = told.about("ticket:updated", ticket);
                // As it was acknowledged: the words and the price of this very version.
                let as_told = updates.iter().any(|event| {
                    event.version() == Some(version)
                        && ["title", "price"]
                            .iter()
                            .all(|field| event.body["data"][field] == entry.answer[field])
                });
                let kept = row.is_some_and(|row| row.version >= version) && as_told;
                (ticket, kept, Some("ticket:updated"))
            }
            Acknowledged::Withdrawal { ticket } => {
                let row = self.tickets.get(&ticket);
                let kept = row.is_some_and(|row| row.deleted_at.is_some());
                (ticket, kept, Some("ticket:deleted"))
            }
            Acknowledged::Order {
                order,
                ticket,
                buyer,
            } => {
                let row = self.orders.get(&order);
                let kept = row.is_some_and(|row| row.ticket_id == ticket && row.user_id == buyer);
                (order, kept, Some("order:created"))
            }
            Acknowledged::Cancellation { order } => {
                let row = self.orders.get(&order);
                let kept = row.is_some_and(|row| row.status == "cancelled");
                (order, kept, Some("order:cancelled"))
            }
            Acknowledged::Payment { payment, order } => {
                let row = self.payments.get(&payment);
                let settled = ["succeeded", "refunding", "refunded"];
                let kept = row.is_some_and(|row| {
                    row.order_id == order && settled.contains(&row.status.as_str())
                });
                (payment, kept, Some("payment:created"))
            }
        };
        let asked = format!(
            "{} {} was acknowledged at {}",
            entry.method, entry.path, entry.answered
        );
        if !kept {
            self.broken
                .push(lost([subject], format!("{asked}, and is lost")));
        } else if let Some(kind) = event.filter(|kind| !told.is_told(kind, subject)) {
            self.broken.push(lost(
                [subject],
                format!("{asked}, and {kind} was never published"),
            ));
        }
    }
}

/// Every version of every aggregate was told of; a ticket's exactly once, since handling an event twice changes nothing.
fn changes_were_told(evidence: &Evidence, told: &Told<'_>) -> Vec<Violation> {
    let tickets = ["ticket:created", "ticket:updated", "ticket:deleted"];
    let orders = ["order:created", "order:cancelled", "order:completed"];
    let mut broken = Vec::new();
    for ticket in &evidence.tickets {
        for version in 0..=ticket.version {
            let times = told.of_version(&tickets, ticket.id, version).len();
            if times != 1 {
                let what = format!("version {version} of the ticket was told of {times} times");
                broken.push(lost([ticket.id], what));
            }
        }
    }
    for order in &evidence.orders {
        for version in 0..=order.version {
            if told.of_version(&orders, order.id, version).is_empty() {
                let what = format!("nobody was told of version {version} of the order");
                broken.push(lost([order.id], what));
            }
        }
    }
    for payment in &evidence.payments {
        let told_of = |kind| {
            let ids: HashSet<_> = told
                .about(kind, payment.id)
                .iter()
                .map(|event| event.id())
                .collect();
            ids.len()
        };
        let subjects = [payment.id, payment.order_id];
        if payment.status == "succeeded" && told_of("payment:created") == 0 {
            broken.push(lost(subjects, "nobody was told of the payment"));
        }
        if payment.status == "refunded" && told_of("payment:refunded") != 1 {
            let times = told_of("payment:refunded");
            broken.push(lost(
                subjects,
                format!("the refund was told of {times} times"),
            ));
        }
    }
    for deadline in &evidence.deadlines {
        if deadline.announced_at.is_some() && !told_of_expiry(evidence, deadline.order_id) {
            broken.push(lost(
                [deadline.order_id],
                "its expiry was announced to nobody",
            ));
        }
    }
    broken
}

fn told_of_expiry(evidence: &Evidence, order: Uuid) -> bool {
    let order = order.to_string();
    let mut events = evidence.events.iter();
    events.any(|event| {
        event.kind() == "expiration:complete" && event.body["data"]["orderId"] == order.as_str()
    })
}

/// Every genuine event was handled by each service that listens to its type, or is kept as a dead letter.
fn events_were_handled(evidence: &Evidence) -> Vec<Violation> {
    let given_up: HashSet<(&str, u64)> = evidence
        .dead_letters
        .iter()
        .map(|letter| (letter.consumer.as_str(), letter.event_sequence))
        .collect();
    let watched: HashSet<Uuid> = evidence.deadlines.iter().map(|row| row.order_id).collect();
    let mut broken = Vec::new();
    for event in evidence.events.iter().filter(|event| event.is_genuine()) {
        let Some(id) = event.id() else { continue };
        let handled = &evidence.handled;
        for listener in listeners(event.kind()) {
            let done = match *listener {
                "tickets" => handled.tickets.0.contains(&id),
                "orders" => handled.orders.0.contains(&id),
                "payments" => handled.payments.0.contains(&id),
                // It needs no inbox: its row is the memory.
                _ => event
                    .subject()
                    .is_some_and(|order| watched.contains(&order)),
            };
            if !done && !given_up.contains(&(listener, event.sequence)) {
                let what = format!(
                    "{listener} has neither handled the {} nor given it up",
                    event.kind()
                );
                let subjects = [
                    id.to_string(),
                    event.subject().unwrap_or_default().to_string(),
                ];
                broken.push(lost(subjects, what));
            }
        }
    }
    broken
}

/// Who handles events of a type.
fn listeners(kind: &str) -> &'static [&'static str] {
    match kind {
        "ticket:created"
        | "ticket:updated"
        | "ticket:deleted"
        | "payment:created"
        | "expiration:complete" => &["orders"],
        "order:created" | "order:cancelled" | "order:completed" => {
            &["tickets", "payments", "expiration"]
        }
        _ => &[],
    }
}
