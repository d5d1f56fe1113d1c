//! The secrets backend, a command of this very program.
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;

use crate::data::Data;
use crate::process::Program;

/// The backend's program. Its keys are in the data folder.
///
/// # Errors
/// When this program does not know where it is.
pub fn program(data: &Data, nats: &str) -> Result<Program> {
    let this = std::env::current_exe().context("cannot find this program")?;
    Ok(Program::new("secrets", this)
        .args(["secrets", "--nats-url", &format!("nats://{nats}")])
        .arg("--data-dir")
        .arg(data.folder())
        .stopped_by(Signal::TERM, Duration::from_secs(3)))
}
