//! libfaketime, with which a test gives the host a wrong clock: found, else installed.
use std::fs;
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::process;

/// Where Debian keeps libraries, a folder for each architecture.
const LIBRARIES: &str = "/usr/lib";

/// The library's path, after installing it when needed.
///
/// # Errors
/// When it cannot be installed here.
pub fn ensure() -> Result<PathBuf> {
    if let Some(library) = find() {
        return Ok(library);
    }
    process::apt_install("libfaketime", &["libfaketime"])?;
    find().ok_or_else(|| {
        Failure::new(
            "libfaketime",
            format!("installed, but not below {LIBRARIES}"),
        )
    })
}

fn find() -> Option<PathBuf> {
    let folders = fs::read_dir(LIBRARIES).ok()?.filter_map(|entry| entry.ok());
    let mut places = folders.map(|folder| folder.path().join("faketime/libfaketime.so.1"));
    places.find(|library| library.is_file())
}
