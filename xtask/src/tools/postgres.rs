//! PostgreSQL's server programs: on `PATH`, in Debian's versioned folders, else installed.
//! Version 14 or later.
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::process::{self, is_executable, on_path};

use super::State;

const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder with `postgres` and `initdb`, after installing them when needed.
///
/// # Errors
/// When they cannot be installed here.
pub fn ensure() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    process::apt_install("PostgreSQL", &["postgresql"])?;
    find().ok_or_else(|| {
        Failure::new("PostgreSQL", "installed, but without postgres and initdb")
            .remedy("put both on PATH, or give DATABASE_URL")
    })
}

pub fn state() -> State {
    match find() {
        Some(folder) => State::Present(folder.display().to_string()),
        None if process::has_apt() && process::is_root() => {
            State::Installable("Debian's postgresql".to_owned())
        }
        None => State::Missing("install PostgreSQL, or give DATABASE_URL".to_owned()),
    }
}

fn find() -> Option<PathBuf> {
    let on_path = on_path("postgres").and_then(|path| Some(path.parent()?.to_path_buf()));
    on_path
        .into_iter()
        .chain(debian())
        .find(|folder| is_complete(folder))
}

fn is_complete(folder: &Path) -> bool {
    ["postgres", "initdb"]
        .iter()
        .all(|name| is_executable(&folder.join(name)))
}

/// The newest version first.
fn debian() -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(DEBIAN) else {
        return Vec::new();
    };
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(version, _)| *version >= 14)
        .collect();
    versions.sort();
    versions
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .collect()
}
