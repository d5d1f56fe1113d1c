//! Rows that the server refused, each for itself: too large, or against a limit of the stream.
//! They stay in the outbox and are tried again later, and meanwhile those behind them go on.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// When a refused row is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// More refused rows than this mean that the stream takes nothing.
const MANY: usize = 1000;

/// The refused rows of one outbox.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    rows: BTreeMap<i64, (Instant, String)>,
}

impl Refused {
    /// Row `seq` was refused at `now`.
    pub(crate) fn add(&mut self, seq: i64, why: String, now: Instant) {
        self.rows.insert(seq, (now + AGAIN_AFTER, why));
    }

    /// The rows to leave out at `now`; those whose time has come are tried again.
    pub(crate) fn left_out(&mut self, now: Instant) -> Vec<i64> {
        self.rows.retain(|_, (again, _)| *again > now);
        self.rows.keys().copied().collect()
    }

    /// Whether so many are refused that waiting for a better time is all that is left.
    pub(crate) fn are_many(&self) -> bool {
        self.rows.len() > MANY
    }

    /// What operators have to know, when there is anything.
    pub(crate) fn summary(&self) -> Option<String> {
        let (seq, (_, why)) = self.rows.first_key_value()?;
        let count = self.rows.len();
        Some(format!(
            "{count} events are refused, the first is row {seq}: {why}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_row_is_left_out_until_its_time_has_come() {
        let (mut refused, now) = (Refused::default(), Instant::now());
        refused.add(7, "too large".into(), now);
        assert_eq!(refused.left_out(now), [7]);
        assert!(refused.left_out(now + AGAIN_AFTER).is_empty());
        assert_eq!(refused.summary(), None);
    }

    #[test]
    fn the_summary_names_the_first() {
        let (mut refused, now) = (Refused::default(), Instant::now());
        refused.add(9, "b".into(), now);
        refused.add(7, "a".into(), now);
        assert_eq!(
            refused.summary().unwrap(),
            "2 events are refused, the first is row 7: a"
        );
    }
}
