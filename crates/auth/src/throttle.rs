//! The sign-in throttle: how many wrong passwords an address may have in a window of time.
//! By address, since guesses come from many places; whether it has an account makes no difference.
//! Attempts that run at the same time may all pass before the first of them is counted: a few guesses
//! more, as many as the service has instances, which no password worth the name has to fear.

use kit::KeyValue;

use crate::digest::sha256_hex;
use crate::{AuthError, Email};

/// Failures for one address in one window after which every further attempt has to wait.
pub const MAX_FAILURES: u64 = 10;

/// How long a window is, in seconds. Windows are fixed: they begin at multiples of this.
pub const WINDOW_SECONDS: u64 = 15 * 60;

/// One address in one window.
pub struct Throttle {
    key: String,
    seconds_left: u64,
}

impl Throttle {
    /// The window at `now` (seconds of Unix time) for `email`.
    #[must_use]
    pub fn new(email: &Email, now: u64) -> Self {
        let window = now / WINDOW_SECONDS;
        Self {
            key: format!("{}.{window}", sha256_hex(&email.folded())),
            seconds_left: WINDOW_SECONDS - now % WINDOW_SECONDS,
        }
    }

    /// Refuses an address that has failed too often.
    ///
    /// # Errors
    /// [`AuthError::Throttled`], or a store that does not answer.
    pub fn check(&self, failures: &impl KeyValue) -> Result<(), AuthError> {
        let count = match failures.get(&self.key)? {
            Some(value) => counter(&value)?,
            None => 0,
        };
        self.judge(count + 1)
    }

    /// Counts a failure.
    ///
    /// # Errors
    /// [`AuthError::Throttled`] when others at the same time have used the window up, or a store
    /// that does not answer.
    pub fn count_failure(&self, failures: &impl KeyValue) -> Result<(), AuthError> {
        self.judge(failures.increment(&self.key)?)
    }

    /// Whether the attempt after `attempt - 1` failures may be made.
    fn judge(&self, attempt: u64) -> Result<(), AuthError> {
        if attempt > MAX_FAILURES {
            Err(AuthError::Throttled(self.seconds_left))
        } else {
            Ok(())
        }
    }
}

/// `wasi:keyvalue` does not say how a counter reads; all stores that serve it write decimal digits.
fn counter(value: &[u8]) -> Result<u64, AuthError> {
    let text = String::from_utf8_lossy(value);
    text.trim()
        .parse()
        .map_err(|_| AuthError::Stored("counter", text.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::Memory;

    /// The start of a window.
    const START: u64 = 2_000_000 * WINDOW_SECONDS;

    fn throttle(email: &str, now: u64) -> Throttle {
        Throttle::new(&Email::parse(email).unwrap(), now)
    }

    fn exhausted() -> Memory {
        let failures = Memory::default();
        for _ in 0..MAX_FAILURES {
            throttle("ann@example.com", START).check(&failures).unwrap();
            throttle("ann@example.com", START)
                .count_failure(&failures)
                .unwrap();
        }
        failures
    }

    #[test]
    fn the_eleventh_attempt_waits_for_the_end_of_the_window() {
        let refused = throttle("ann@example.com", START + 60).check(&exhausted());
        assert!(matches!(refused, Err(AuthError::Throttled(840))));
    }

    #[test]
    fn the_wait_is_never_nothing() {
        let refused = throttle("ann@example.com", START + WINDOW_SECONDS - 1).check(&exhausted());
        assert!(matches!(refused, Err(AuthError::Throttled(1))));
    }

    #[test]
    fn the_next_window_starts_afresh() {
        assert!(
            throttle("ann@example.com", START + WINDOW_SECONDS)
                .check(&exhausted())
                .is_ok()
        );
    }

    #[test]
    fn another_address_is_not_affected_but_another_spelling_is() {
        assert!(
            throttle("bob@example.com", START)
                .check(&exhausted())
                .is_ok()
        );
        assert!(
            throttle("ANN@example.com", START)
                .check(&exhausted())
                .is_err()
        );
    }

    #[test]
    fn the_address_cannot_be_read_from_the_store() {
        assert!(!throttle("ann@example.com", START).key.contains("ann"));
    }

    #[test]
    fn a_counter_that_is_none_is_an_error_of_ours() {
        let failures = Memory::default();
        let throttle = throttle("ann@example.com", START);
        failures.set(&throttle.key, b"many").unwrap();
        assert!(matches!(
            throttle.check(&failures),
            Err(AuthError::Stored(..))
        ));
    }
}
