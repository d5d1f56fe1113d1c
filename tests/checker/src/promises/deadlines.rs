//! 5. An unpaid order is cancelled within 2 s after `expiresAt` while the system is up, and at once after it comes back.
//! The database's clock decides.
use std::collections::HashMap;

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::{Evidence, Promise, Violation};

/// What the promise allows.
const PROMISE: Duration = Duration::seconds(2);
/// `expiresAt` is told in milliseconds, cut off.
const PRECISION: Duration = Duration::milliseconds(1);

pub(super) fn judge(evidence: &Evidence) -> Vec<Violation> {
    let mut cancelled: HashMap<Uuid, OffsetDateTime> = HashMap::new();
    for event in &evidence.events {
        if let ("order:cancelled", true, Some(order), Some(time)) = (
            event.kind(),
            event.is_genuine(),
            event.subject(),
            event.time(),
        ) {
            let first = cancelled.entry(order).or_insert(time);
            *first = time.min(*first);
        }
    }
    let mut broken = Vec::new();
    for order in &evidence.orders {
        let open = matches!(order.status.as_str(), "created" | "awaiting:payment");
        let expired = order.cancelled_by.as_deref() == Some("expiration");
        let end = match (open, expired) {
            (true, _) => evidence.read_at,
            (_, true) => *cancelled.get(&order.id).unwrap_or(&evidence.read_at),
            _ => continue,
        };
        let what = if expired && end + PRECISION < order.expires_at {
            Some(format!(
                "it expires at {}, and was cancelled at {end}",
                order.expires_at
            ))
        } else if end > in_time(evidence, order.expires_at) {
            let still = if open { "is open" } else { "was open" };
            Some(format!(
                "it expires at {}, and {still} at {end}",
                order.expires_at
            ))
        } else {
            None
        };
        broken.extend(
            what.map(|what| Violation::new(Promise::EndsInTime, [order.id, order.ticket_id], what)),
        );
    }
    broken
}

/// Until when an order that nobody pays has to be cancelled: what was broken on purpose does not count.
fn in_time(evidence: &Evidence, expires_at: OffsetDateTime) -> OffsetDateTime {
    let mut outages: Vec<_> = evidence.outages.iter().collect();
    outages.sort_by_key(|outage| outage.begin);
    let mut deadline = expires_at + PROMISE;
    for outage in outages {
        if outage.begin < deadline && outage.end > expires_at {
            deadline = deadline.max(outage.end + PROMISE);
        }
    }
    deadline
}
