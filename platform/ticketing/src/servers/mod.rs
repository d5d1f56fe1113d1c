//! The programs that `up` runs, each with its flags and environment.
//! Our own binaries stand beside this one, or are this one; NATS and Postgres are the system's.
pub mod nats;
pub mod postgres;
pub mod secrets;
pub mod stripe;
mod wait;
pub mod wasmcloud;

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};

pub use wait::{reachable, until};

/// Where `cargo xtask` keeps what all checkouts share: tools and signing keys.
pub fn cache() -> Option<PathBuf> {
    let folder = |variable, below: &str| {
        let folder = std::env::var_os(variable).filter(|folder| !folder.is_empty())?;
        Some(PathBuf::from(folder).join(below))
    };
    folder("TICKETING_CACHE", "")
        .or_else(|| folder("XDG_CACHE_HOME", "ticketing"))
        .or_else(|| folder("HOME", ".cache/ticketing"))
}

/// A binary of this build.
///
/// # Errors
/// When it has not been built.
pub fn beside(name: &str) -> Result<PathBuf> {
    let this = std::env::current_exe().context("cannot find this program's own folder")?;
    let path = this.with_file_name(name);
    ensure!(
        path.is_file(),
        "{} is missing; run `cargo xtask build`",
        path.display()
    );
    Ok(path)
}
