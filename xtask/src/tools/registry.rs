//! A registry to publish to in the tests: Debian's `docker-registry`.
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::process::{self, on_path};

const PROGRAM: &str = "docker-registry";

/// Its path, after installing it when needed.
///
/// # Errors
/// When it cannot be installed here.
pub fn ensure() -> Result<PathBuf> {
    if let Some(path) = on_path(PROGRAM) {
        return Ok(path);
    }
    process::apt_install("a registry", &[PROGRAM])?;
    on_path(PROGRAM).ok_or_else(|| Failure::new("a registry", "installed, but not on PATH"))
}
