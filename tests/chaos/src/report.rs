//! What the run has seen, in numbers.
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use e2e::faults::Fault;

/// Counts; many add to it at once.
#[derive(Debug, Default)]
pub struct Report(Mutex<Numbers>);

#[derive(Debug, Default)]
struct Numbers {
    purchases: u32,
    missed: u32,
    cancelled: u32,
    abandoned: u32,
    retries: u32,
    faults: BTreeMap<String, u32>,
    longest: Option<(Fault, Duration)>,
}

impl Report {
    fn count(&self, count: impl FnOnce(&mut Numbers)) {
        count(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Somebody has a ticket.
    pub fn bought(&self) {
        self.count(|numbers| numbers.purchases += 1);
    }

    /// Somebody else was faster.
    pub fn missed(&self) {
        self.count(|numbers| numbers.missed += 1);
    }

    /// Somebody has cancelled an order.
    pub fn cancelled(&self) {
        self.count(|numbers| numbers.cancelled += 1);
    }

    /// Somebody has ordered and gone away.
    pub fn abandoned(&self) {
        self.count(|numbers| numbers.abandoned += 1);
    }

    /// How often something had to be tried again.
    pub fn retried(&self, times: u32) {
        self.count(|numbers| numbers.retries += times);
    }

    /// The shop works again `took` after the fault began.
    pub fn recovered(&self, fault: Fault, took: Duration) {
        self.count(|numbers| {
            *numbers.faults.entry(fault.to_string()).or_default() += 1;
            if numbers.longest.is_none_or(|(_, longest)| longest < took) {
                numbers.longest = Some((fault, took));
            }
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(f, "purchases   {}", numbers.purchases)?;
        writeln!(f, "too late    {}", numbers.missed)?;
        writeln!(f, "cancelled   {}", numbers.cancelled)?;
        writeln!(f, "abandoned   {}", numbers.abandoned)?;
        writeln!(f, "retries     {}", numbers.retries)?;
        writeln!(f, "faults      {}", numbers.faults.values().sum::<u32>())?;
        for (fault, times) in &numbers.faults {
            writeln!(f, "  {times:3} × {fault}")?;
        }
        match numbers.longest {
            Some((fault, took)) => {
                write!(f, "longest recovery {:.1} s: {fault}", took.as_secs_f32())
            }
            None => write!(f, "nothing was broken"),
        }
    }
}
