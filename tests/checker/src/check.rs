//! The check: wait, read, judge, and tell.
use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use anyhow::Result;

use crate::{Evidence, Journal, Places, Promise, Violation, history, promises, wait_for_quiet};

/// How many histories a report tells in full.
const TOLD: usize = 5;

/// What the check has found.
#[derive(Debug)]
pub struct Report {
    /// What it judged.
    pub evidence: Evidence,
    /// What broke; empty when the promises hold.
    pub violations: Vec<Violation>,
}

/// Waits until the queues are empty, for at most `limit`, and judges all promises.
///
/// # Errors
/// When the evidence cannot be read.
pub async fn check(places: &Places, journal: &Journal, limit: Duration) -> Result<Report> {
    let (evidence, moving) = wait_for_quiet(places, journal, limit).await?;
    let mut violations = promises::judge(&evidence);
    violations.extend(moving.into_iter().map(|what| {
        let what = format!("{limit:?} after the last request it still moves: {what}");
        Violation::new(Promise::Recovers, ["the system"], what)
    }));
    Ok(Report {
        evidence,
        violations,
    })
}

impl Report {
    /// The promises that broke.
    #[must_use]
    pub fn broken(&self) -> BTreeSet<Promise> {
        self.violations
            .iter()
            .map(|violation| violation.promise)
            .collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.violations.is_empty() {
            let evidence = &self.evidence;
            return write!(
                f,
                "the promises hold: {} tickets, {} orders, {} payments, {} events, {} charges, {} requests",
                evidence.tickets.len(),
                evidence.orders.len(),
                evidence.payments.len(),
                evidence.events.len(),
                evidence.ledger.charges.len(),
                evidence.journal.len(),
            );
        }
        for (number, violation) in self.violations.iter().enumerate() {
            writeln!(f, "{violation}")?;
            if number < TOLD {
                f.write_str(&history(&self.evidence, &violation.subjects))?;
            }
        }
        Ok(())
    }
}
