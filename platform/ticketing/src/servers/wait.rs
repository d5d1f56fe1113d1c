//! Waiting for a server that was just started, but not for one that cannot start.
use std::future::Future;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::process::{Child, last_line};

/// A server that ended this often before it was reachable has a lasting reason.
const TRIES: u32 = 4;
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Waits until `probe` succeeds.
///
/// # Errors
/// With the probe's last reason after `limit`, or with the child's last words when it keeps ending.
pub async fn until<F, E>(child: &Child, limit: Duration, mut probe: impl FnMut() -> F) -> Result<()>
where
    F: Future<Output = Result<(), E>>,
    E: std::fmt::Display,
{
    let deadline = Instant::now() + limit;
    loop {
        let reason = match probe().await {
            Ok(()) => return Ok(()),
            Err(reason) => reason,
        };
        if child.ends() >= TRIES {
            let said = last_line(&child.log).unwrap_or_else(|| "it said nothing".to_owned());
            bail!(
                "{} does not start: {said} (all of it in {})",
                child.name,
                child.log.display()
            );
        }
        if Instant::now() > deadline {
            bail!(
                "{} does not answer after {} s: {reason} (see {})",
                child.name,
                limit.as_secs(),
                child.log.display()
            );
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Waits until something listens at `address`.
///
/// # Errors
/// As [`until`].
pub async fn reachable(child: &Child, address: &str, limit: Duration) -> Result<()> {
    until(child, limit, || async move {
        TcpStream::connect(address).await.map(drop)
    })
    .await
}
