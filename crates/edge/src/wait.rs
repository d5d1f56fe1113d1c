//! Waiting for what another service's event is about to bring.

use std::time::Duration;

use wasip2::clocks::monotonic_clock::subscribe_duration;

/// How often to look again, and how long to wait before each look, in milliseconds. An event takes
/// tens of milliseconds from one service to the next; a visitor who is faster should not be told 404.
const PAUSES_MS: [u64; 4] = [25, 50, 100, 200];

/// Calls `look` until it finds something, at most five times in about 0.4 s.
///
/// # Errors
/// The first error of `look`.
pub fn wait_for<T, E>(mut look: impl FnMut() -> Result<Option<T>, E>) -> Result<Option<T>, E> {
    for milliseconds in PAUSES_MS {
        if let Some(found) = look()? {
            return Ok(Some(found));
        }
        pause(Duration::from_millis(milliseconds));
    }
    look()
}

/// Lets `duration` pass. For an answer of another system that says to come back later, not for rows.
pub fn pause(duration: Duration) {
    subscribe_duration(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)).block();
}
