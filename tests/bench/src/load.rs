//! The closed loop: every connection begins its next action when the one before has ended.
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::join_all;
use hdrhistogram::Histogram;
use http::StatusCode;
use tokio::time::sleep;

use crate::client::{Answer, Visitor};
use crate::crowd::Crowd;
use crate::phases::Phase;

/// Actions begin at once, and count after this long.
pub const WARM_UP: Duration = Duration::from_millis(500);
/// A connection that failed is not tried again faster than this, or a system that is down would be asked by a busy loop.
const AFTER_A_FAILURE: Duration = Duration::from_millis(50);
/// Latencies are kept in microseconds, to three digits, up to the minute after which an answer is given up.
const MOST_MICROSECONDS: u64 = 60_000_000;
const DIGITS: u8 = 3;

/// What became of one action.
#[derive(Debug)]
pub struct Outcome {
    pub latency: Duration,
    /// Why it did not succeed.
    pub error: Option<String>,
}

impl Outcome {
    /// A success when the answer has the `expected` status.
    pub fn of(answer: &Answer, expected: StatusCode) -> Self {
        Self {
            latency: answer.latency,
            error: (answer.status != expected).then(|| answer.summary()),
        }
    }
}

/// What one system did in one turn.
#[derive(Debug)]
pub struct Turn {
    /// Successful actions.
    pub done: u64,
    /// What went wrong, how often.
    pub errors: BTreeMap<String, u64>,
    /// How long was counted: all of the turn, or until there was nothing left to do.
    pub counted: Duration,
    /// From the last action to its last effect.
    pub settled_after: Duration,
    /// Microseconds, of successful actions.
    latencies: Histogram<u64>,
}

impl Turn {
    /// Successful actions a second.
    pub fn rate(&self) -> f64 {
        let seconds = self.counted.as_secs_f64();
        if seconds > 0.0 {
            #[expect(clippy::cast_precision_loss, reason = "no turn has 2^52 actions")]
            let done = self.done as f64;
            done / seconds
        } else {
            0.0
        }
    }

    /// The latency in milliseconds that this share of the successful actions did not exceed.
    pub fn milliseconds(&self, share: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a minute has few microseconds")]
        let microseconds = self.latencies.value_at_quantile(share) as f64;
        microseconds / 1000.0
    }

    /// How many actions went wrong.
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }
}

/// Actions of all connections, as they end.
struct Tally {
    done: u64,
    errors: BTreeMap<String, u64>,
    latencies: Histogram<u64>,
    last: Option<Instant>,
    exhausted: bool,
}

/// Runs a phase for `duration`, after a short warm-up, on all connections of the crowd.
///
/// # Errors
/// When the events do not settle afterwards.
pub async fn turn<P: Phase>(
    crowd: &mut Crowd,
    stock: &P::Stock,
    duration: Duration,
) -> Result<Turn> {
    let tally = RefCell::new(Tally::new()?);
    let from = Instant::now() + WARM_UP;
    let until = from + duration;
    let working = crowd.visitors.iter_mut().map(async |visitor| {
        work::<P>(visitor, stock, &tally, from, until).await;
    });
    join_all(working).await;
    let stopped = Instant::now();
    P::settle(crowd, stock).await?;
    let settled_after = stopped.elapsed();
    let tally = tally.into_inner();
    let counted = match tally.last {
        Some(last) if tally.exhausted => last - from,
        _ => duration,
    };
    Ok(tally.turn(counted, settled_after))
}

async fn work<P: Phase>(
    visitor: &mut Visitor,
    stock: &P::Stock,
    tally: &RefCell<Tally>,
    from: Instant,
    until: Instant,
) {
    while Instant::now() < until {
        let outcome = match P::act(visitor, stock).await {
            Ok(Some(outcome)) => outcome,
            Ok(None) => {
                tally.borrow_mut().exhausted = true;
                return;
            }
            Err(error) => {
                sleep(AFTER_A_FAILURE).await;
                Outcome {
                    latency: Duration::ZERO,
                    error: Some(format!("{error:#}")),
                }
            }
        };
        let now = Instant::now();
        if (from..=until).contains(&now) {
            tally.borrow_mut().count(outcome, now);
        }
    }
}

impl Tally {
    fn new() -> Result<Self> {
        Ok(Self {
            done: 0,
            errors: BTreeMap::new(),
            latencies: Histogram::new_with_bounds(1, MOST_MICROSECONDS, DIGITS)?,
            last: None,
            exhausted: false,
        })
    }

    fn turn(self, counted: Duration, settled_after: Duration) -> Turn {
        Turn {
            done: self.done,
            errors: self.errors,
            counted,
            settled_after,
            latencies: self.latencies,
        }
    }

    fn count(&mut self, outcome: Outcome, now: Instant) {
        self.last = Some(now);
        match outcome.error {
            None => {
                self.done += 1;
                let microseconds = u64::try_from(outcome.latency.as_micros()).unwrap_or(u64::MAX);
                self.latencies.saturating_record(microseconds);
            }
            Some(error) => *self.errors.entry(error).or_default() += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_succeeds_has_a_latency_and_what_fails_a_reason() {
        let mut tally = Tally::new().unwrap();
        let outcome = |milliseconds, error: Option<&str>| Outcome {
            latency: Duration::from_millis(milliseconds),
            error: error.map(str::to_owned),
        };
        tally.count(outcome(20, None), Instant::now());
        tally.count(outcome(20, None), Instant::now());
        tally.count(outcome(9000, Some("504")), Instant::now());
        let turn = tally.turn(Duration::from_secs(2), Duration::ZERO);
        assert_eq!((turn.done, turn.failed()), (2, 1));
        assert!((turn.rate() - 1.0).abs() < f64::EPSILON);
        assert!((turn.milliseconds(0.99) - 20.0).abs() < 0.1);
    }
}
