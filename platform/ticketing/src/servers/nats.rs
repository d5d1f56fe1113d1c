//! NATS with JetStream on disk. Published messages are in the kernel's hands before they are acknowledged, so a killed
//! server loses none of them.
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;

use crate::data::Data;
use crate::process::Program;

/// The server's program.
///
/// # Errors
/// When no nats-server is found.
pub fn program(given: Option<&Path>, data: &Data, port: u16) -> Result<Program> {
    Ok(Program::new("nats", find(given)?)
        .args(["--jetstream", "--addr", "127.0.0.1"])
        .arg("--port")
        .arg(port.to_string())
        .arg("--store_dir")
        .arg(data.nats())
        // Streams are tied to a server's name, so it must not change between starts.
        .args(["--name", "ticketing"])
        .stopped_by(Signal::TERM, Duration::from_secs(10)))
}

/// The given one, else that in the cache, else that on `PATH`.
///
/// # Errors
/// When there is none.
pub fn find(given: Option<&Path>) -> Result<PathBuf> {
    given
        .map(Path::to_path_buf)
        .or_else(|| super::cache().map(|cache| cache.join("tools/nats-server")).filter(|path| path.is_file()))
        .or_else(|| crate::process::which("nats-server"))
        .context("no nats-server; run `cargo xtask up`, which gets one, or set TICKETING_NATS_SERVER or NATS_URL")
}
