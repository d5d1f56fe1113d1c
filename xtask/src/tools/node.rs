//! Node.js with npm, which build the web app and run its tests.
//! Not installed from here: Debian's may be too old, and there are as many ways to get another as there are people.
use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process::{capture, on_path};

use super::State;

/// What Vite asks for; the `engines` of the web app's package.json say the same.
const LEAST: (u32, u32) = (20, 19);

/// The path of `node`, when it is there with npm and new enough.
///
/// # Errors
/// When it is missing or too old.
pub fn find() -> Result<PathBuf> {
    let (major, minor) = LEAST;
    let remedy = format!("install Node.js {major}.{minor} or later with npm (nodejs.org/download)");
    let (Some(node), Some(_)) = (on_path("node"), on_path("npm")) else {
        let why = "the web app is built with it";
        return Err(Failure::new("Node.js or npm is missing", why).remedy(remedy));
    };
    let text = capture(Command::new(&node).arg("--version"))?;
    match version(&text) {
        Some(version) if version >= LEAST => Ok(node),
        _ => Err(Failure::new("Node.js is too old", text.trim()).remedy(remedy)),
    }
}

pub fn state() -> State {
    match find() {
        Ok(node) => State::Present(node.display().to_string()),
        Err(failure) => State::Missing(failure.to_string()),
    }
}

/// Major and minor of `v20.19.2`.
fn version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{LEAST, version};

    #[test]
    fn a_version_is_read_and_compared() {
        assert_eq!(version("v20.20.2\n"), Some((20, 20)));
        assert!(version("v18.20.4") < Some(LEAST));
        assert!(version("v22.0.0") > Some(LEAST));
        assert_eq!(version("node"), None);
    }
}
