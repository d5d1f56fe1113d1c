//! Whether the component answers at all.
//!
//! One unanswered call may be a lost reply or one message that traps the component; several in a row,
//! with no answer in between, mean that nobody is there. Then one message at a time is tried, until one
//! is answered, instead of all of them again and again.

use std::sync::atomic::{AtomicU32, Ordering};

/// Unanswered calls in a row that make an outage.
const IN_A_ROW: u32 = 3;

/// The answers and silences of one component.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// Unanswered calls since the last answer.
    silent: AtomicU32,
}

impl Outage {
    /// The component answered: Ok or an error of its own.
    pub(crate) fn answered(&self) {
        self.silent.store(0, Ordering::Relaxed);
    }

    /// The component did not answer.
    pub(crate) fn unanswered(&self) {
        // Saturates far above the limit, so that it can never wrap to zero.
        let _ = self
            .silent
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_add(1));
    }

    /// Whether nobody is there.
    pub(crate) fn is_on(&self) -> bool {
        self.silent.load(Ordering::Relaxed) >= IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_silence_is_no_outage() {
        let outage = Outage::default();
        outage.unanswered();
        outage.answered();
        outage.unanswered();
        outage.unanswered();
        assert!(!outage.is_on());
    }

    #[test]
    fn silences_in_a_row_are_one_and_the_first_answer_ends_it() {
        let outage = Outage::default();
        for _ in 0..IN_A_ROW {
            outage.unanswered();
        }
        assert!(outage.is_on());
        outage.answered();
        assert!(!outage.is_on());
    }
}
