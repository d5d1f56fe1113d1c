//! Waiting for a condition with a deadline: the only way in which the suite lets time pass.
use std::fmt::Display;
use std::time::{Duration, Instant};

/// How long anything that happens by itself (an event, a projection) may take before a test fails. It takes
/// milliseconds; the deadline is for a machine that has other things to do, and for a second try of everything.
const PATIENCE: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// Looks again and again until `look` gives something, for at most a minute.
///
/// # Panics
/// When it never does; the message says what was waited for.
pub async fn eventually<T>(what: impl Display, look: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look).await
}

/// Like [`eventually`], with a deadline of its own.
///
/// # Panics
/// When the deadline passes; the message says what was waited for.
pub async fn within<T>(
    deadline: Duration,
    what: impl Display,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(
            begin.elapsed() < deadline,
            "waited {deadline:?} in vain: {what}"
        );
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
