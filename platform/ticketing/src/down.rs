//! Stops a running `up` of this checkout and waits until everything of it is gone.
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use crate::cli::Place;
use crate::data::Data;

/// Longer than the sum of what the children are given.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks it to stop, and waits.
///
/// # Errors
/// When it cannot be signalled or does not stop in time.
pub async fn run(place: &Place) -> Result<()> {
    let data = Data::of(place)?;
    let Some(pid) = data.holder()? else {
        println!("nothing to stop");
        return Ok(());
    };
    let process = Pid::from_raw(pid).context("the lock file names no process")?;
    kill_process(process, Signal::TERM).with_context(|| format!("cannot signal process {pid}"))?;
    let deadline = Instant::now() + PATIENCE;
    while data.holder()?.is_some() {
        if Instant::now() > deadline {
            bail!("process {pid} does not stop");
        }
        sleep(Duration::from_millis(50)).await;
    }
    println!("stopped");
    Ok(())
}
