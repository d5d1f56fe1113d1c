//! Chromium, in which the web app is tested: found, else installed.
use std::env;
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::process::{self, is_executable, on_path};

use super::State;

/// A browser to use instead of the one that is found.
const CHOSEN: &str = "CHROMIUM";

/// The browser's path, after installing it when needed.
///
/// # Errors
/// When it cannot be installed here.
pub fn ensure() -> Result<PathBuf> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    process::apt_install("Chromium", &["chromium"])
        .map_err(|failure| failure.remedy(format!("set {CHOSEN} to a Chromium or Chrome")))?;
    find().ok_or_else(|| {
        Failure::new("Chromium", "installed, but not on PATH")
            .remedy(format!("set {CHOSEN} to its path"))
    })
}

pub fn state() -> State {
    match find() {
        Some(browser) => State::Present(browser.display().to_string()),
        None if process::has_apt() && process::is_root() => {
            State::Installable("Debian's chromium, for the browser tests".to_owned())
        }
        None => State::Missing(format!(
            "install Chromium, or set {CHOSEN}; only the browser tests need it"
        )),
    }
}

fn find() -> Option<PathBuf> {
    env::var_os(CHOSEN)
        .map(PathBuf::from)
        .filter(|path| is_executable(path))
        .or_else(|| on_path("chromium"))
        .or_else(|| on_path("google-chrome"))
}
