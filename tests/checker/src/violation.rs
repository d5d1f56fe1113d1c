//! What the checker says when a promise is broken.
use std::fmt;

/// The promises of the shop, by their numbers in docs/architecture.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Promise {
    /// A ticket has at most one order that is not cancelled, and nobody is told otherwise.
    NoOversell = 1,
    /// Captured money belongs to a complete order or is given back in full, once; no order is charged twice.
    NoLostMoney = 2,
    /// What was acknowledged is there, its event was published, and the event was handled.
    NothingLost = 3,
    /// Any order of events leads to the same state, and none is in the way of others.
    SameState = 4,
    /// An unpaid order ends in time, and not before.
    EndsInTime = 5,
    /// The loss of a process costs errors with a clear message at most, and the system recovers.
    Recovers = 6,
}

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub promise: Promise,
    /// The ids of the ticket, order, payment or event that it was broken for.
    pub subjects: Vec<String>,
    /// In what way.
    pub what: String,
}

impl Violation {
    pub(crate) fn new<S: ToString>(
        promise: Promise,
        subjects: impl IntoIterator<Item = S>,
        what: impl Into<String>,
    ) -> Self {
        let subjects = subjects.into_iter().map(|subject| subject.to_string());
        Self {
            promise,
            subjects: subjects.collect(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, promise) = (self.promise as u8, self.promise);
        let subjects = self.subjects.join(", ");
        write!(
            f,
            "promise {number} ({promise:?}) is broken for {subjects}: {}",
            self.what
        )
    }
}
