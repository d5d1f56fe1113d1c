//! What became of the requests since a moment: how many failed, how many were lost, and until when.
use std::fmt;
use std::time::Duration;

use checker::{Entry, Journal};
use time::OffsetDateTime;

/// Requests that were answered, or not, since a moment.
#[derive(Debug)]
pub struct Report {
    requests: usize,
    /// Answered by a server error.
    failed: Vec<Entry>,
    /// Without an answer.
    lost: Vec<Entry>,
    slowest: Duration,
    /// From the moment to the last request that was sent and failed or was lost.
    pub failing: Duration,
}

impl Report {
    /// Of `journal` since `since`.
    pub fn of(journal: &Journal, since: OffsetDateTime) -> Self {
        let (entries, _) = journal.read();
        let entries: Vec<Entry> = entries
            .into_iter()
            .filter(|entry| entry.answered >= since)
            .collect();
        let of = |bad: fn(&Entry) -> bool| -> Vec<Entry> {
            entries.iter().filter(|entry| bad(entry)).cloned().collect()
        };
        let failed = of(|entry| entry.status.is_some_and(|status| status >= 500));
        let lost = of(|entry| entry.status.is_none());
        let after = |entry: &Entry| Duration::try_from(entry.sent - since).unwrap_or_default();
        let took =
            |entry: &Entry| Duration::try_from(entry.answered - entry.sent).unwrap_or_default();
        Self {
            requests: entries.len(),
            slowest: entries.iter().map(took).max().unwrap_or_default(),
            failing: failed
                .iter()
                .chain(&lost)
                .map(after)
                .max()
                .unwrap_or_default(),
            failed,
            lost,
        }
    }

    /// How many failed or were lost.
    pub fn bad(&self) -> usize {
        self.failed.len() + self.lost.len()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, lost) = (self.failed.len(), self.lost.len());
        write!(
            f,
            "{} requests, {failed} failed, {lost} lost, the slowest {:.1} s",
            self.requests,
            self.slowest.as_secs_f32()
        )?;
        for entry in self.failed.iter().chain(&self.lost) {
            let status = entry
                .status
                .map_or("no answer".to_owned(), |status| status.to_string());
            let took = (entry.answered - entry.sent).as_seconds_f32();
            write!(
                f,
                "\n  {} {} at {}: {status} after {took:.2} s {}",
                entry.method, entry.path, entry.sent, entry.answer
            )?;
        }
        Ok(())
    }
}
