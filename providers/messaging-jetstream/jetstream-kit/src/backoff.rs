//! Growing delays: between attempts to reach a server, and between deliveries of one message.
//! Both double from a first value up to a cap.

use std::time::Duration;

/// `first` doubled `times` times, at most `cap`.
#[must_use]
pub fn doubled(first: Duration, times: u32, cap: Duration) -> Duration {
    let factor = 1_u32.checked_shl(times).unwrap_or(u32::MAX);
    first.saturating_mul(factor).min(cap)
}

/// The delays between attempts in a row, until one succeeds.
#[derive(Debug, Clone)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
    /// Attempts that failed since the last success.
    failed: u32,
}

impl Backoff {
    /// Starts at `first` and grows to `cap`.
    #[must_use]
    pub fn new(first: Duration, cap: Duration) -> Self {
        Self {
            first,
            cap,
            failed: 0,
        }
    }

    /// How long to wait after one more failed attempt.
    pub fn after_failure(&mut self) -> Duration {
        let delay = doubled(self.first, self.failed, self.cap);
        self.failed = self.failed.saturating_add(1);
        delay
    }

    /// An attempt succeeded: the next failure starts at `first` again.
    pub fn reset(&mut self) {
        self.failed = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn a_delay_doubles_until_the_cap() {
        let delays: Vec<_> = (0..5)
            .map(|times| doubled(ms(250), times, ms(1500)))
            .collect();
        assert_eq!(delays, [ms(250), ms(500), ms(1000), ms(1500), ms(1500)]);
    }

    #[test]
    fn no_count_is_too_large() {
        assert_eq!(doubled(ms(250), u32::MAX, ms(30_000)), ms(30_000));
    }

    #[test]
    fn a_success_starts_the_growth_anew() {
        let mut backoff = Backoff::new(ms(100), ms(1000));
        assert_eq!(backoff.after_failure(), ms(100));
        assert_eq!(backoff.after_failure(), ms(200));
        backoff.reset();
        assert_eq!(backoff.after_failure(), ms(100));
    }
}
