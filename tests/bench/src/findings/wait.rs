//! Waiting for what a database says.
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::time::sleep;

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Waits until `is_so`, for at most `limit`.
///
/// # Errors
/// When it is not so by then, or cannot be said.
pub async fn until(
    what: &str,
    limit: Duration,
    mut is_so: impl AsyncFnMut() -> Result<bool>,
) -> Result<()> {
    let begin = Instant::now();
    while !is_so().await? {
        ensure!(begin.elapsed() < limit, "not after {limit:?}: {what}");
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}
