//! The one thing this provider asks of a component, apart from how the call travels.
//! The lattice's is in `component`; tests bring their own.

use std::future::Future;

use bytes::Bytes;

/// A message of the stream as a component gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The subject it was published on.
    pub subject: String,
    /// Its body, unchanged.
    pub body: Bytes,
    /// The trace that it belongs to (W3C Trace Context), when it carries one.
    pub traceparent: Option<String>,
    /// Whether a call with it was not answered before.
    pub was_unanswered: bool,
}

/// Why an event is not handled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Nobody answered: no such component, no host, a trap, a timeout, a lost reply. Not the event's
    /// fault, so it never leads to a dead letter.
    Unanswered {
        /// What is known of it.
        why: String,
        /// Whether the same call was reported already, for another of its events: then it is the same silence.
        is_counted: bool,
    },
    /// The handler's own answer. After too many, or when it begins with `permanent:`, the event is given up.
    Refused(String),
}

/// Handles events.
pub trait Handler: Send + Sync + 'static {
    /// Handles one event. It may be the same one again: delivery is at least once.
    fn handle(&self, event: Event) -> impl Future<Output = Result<(), Failure>> + Send;
}
