//! How often each message has failed here, refused and unanswered apart.
//!
//! The server's own count of deliveries mixes both, and counts those that were cut off by a restart;
//! a message would be given up for an outage. So this instance counts what it sees. The price: after a
//! restart, and on each further instance, a message gets its full number of attempts again.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Failing messages that are remembered. Beyond it the oldest start from zero: bounded memory is worth
/// a few more attempts.
const REMEMBERED: usize = 10_000;

/// How often one message has failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// Answers of the handler that were errors.
    pub(crate) refused: u32,
    /// Calls that nobody answered.
    pub(crate) unanswered: u32,
}

/// The failures of a feed's messages, by stream sequence.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    counts: Mutex<BTreeMap<u64, Count>>,
}

impl Failures {
    /// Counts one more failure of message `sequence` with `add` and returns its count.
    pub(crate) fn count(&self, sequence: u64, add: impl FnOnce(&mut Count)) -> Count {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(sequence).or_default();
        add(count);
        let count = *count;
        if counts.len() > REMEMBERED {
            counts.pop_first();
        }
        count
    }

    /// How often message `sequence` has failed.
    pub(crate) fn of(&self, sequence: u64) -> Count {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&sequence).copied().unwrap_or_default()
    }

    /// Message `sequence` is handled or given up.
    pub(crate) fn forget(&self, sequence: u64) {
        self.counts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&sequence);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_and_unanswered_are_counted_apart() {
        let failures = Failures::default();
        failures.count(7, |count| count.unanswered += 1);
        let count = failures.count(7, |count| count.refused += 1);
        assert_eq!((count.refused, count.unanswered), (1, 1));
        assert_eq!(failures.of(7), count);
        assert_eq!(failures.of(8), Count::default());
    }

    #[test]
    fn a_handled_message_starts_from_zero() {
        let failures = Failures::default();
        failures.count(7, |count| count.refused += 1);
        failures.forget(7);
        assert_eq!(failures.count(7, |count| count.refused += 1).refused, 1);
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let failures = Failures::default();
        for sequence in 0..=REMEMBERED as u64 {
            failures.count(sequence, |count| count.refused += 1);
        }
        assert_eq!(failures.count(0, |count| count.refused += 1).refused, 1);
        assert_eq!(
            failures
                .count(REMEMBERED as u64, |count| count.refused += 1)
                .refused,
            2
        );
    }
}
