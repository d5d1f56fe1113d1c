//! From calling `up` to its line that says ready: on an empty folder, and on what the first run has left.
use std::time::Instant;

use anyhow::Result;
use e2e::Lattice;

use super::{Aim, Finding};
use crate::lattice;

/// What is aimed at, in seconds.
const AIM: f64 = 15.0;

/// Starts a lattice twice.
///
/// # Errors
/// When it does not get ready.
pub async fn measure() -> Result<Vec<Finding>> {
    let setup = lattice::setup();
    let started = Instant::now();
    let mut running = Lattice::start(&setup).await?;
    let first = started.elapsed();
    running.stop().await?;
    let started = Instant::now();
    running.start_again(&setup).await?;
    let again = started.elapsed();
    running.stop().await?;
    Ok(vec![
        Finding::new("start to ready, empty folder", first.as_secs_f64(), "s")
            .aim(Aim::AtMost(AIM)),
        Finding::new("start to ready, again", again.as_secs_f64(), "s").aim(Aim::AtMost(AIM)),
    ])
}
