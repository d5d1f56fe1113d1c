//! Restarts the hosts of a running `up` one by one, so that they run what was built last.
use anyhow::{Result, ensure};

use crate::cli::Place;
use crate::data::Data;
use crate::up::{ROLL, ask};

/// Asks it to, and waits.
///
/// # Errors
/// When no `up` runs, or a host does not come back.
pub async fn run(place: &Place) -> Result<()> {
    let data = Data::of(place)?;
    ensure!(
        data.holder()?.is_some(),
        "no up runs on {}",
        data.folder().display()
    );
    ask(&data.control(), ROLL).await
}
