//! Where things are: this checkout, and the cache that all checkouts of a user share.
//! A cold build takes many minutes, so its artifacts live in the cache and outlast any checkout.
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// Folders that hold nothing but what was built or fetched.
const MADE: [&str; 4] = ["target", "build", "dist", "node_modules"];

/// The folders that every command works with.
pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// `$TICKETING_CACHE`, else `ticketing` in the user's cache folder.
    pub cache: PathBuf,
}

impl Workspace {
    /// Finds both.
    ///
    /// # Errors
    /// When there is neither `TICKETING_CACHE`, `XDG_CACHE_HOME` nor `HOME`, or the cache cannot be made.
    pub fn find() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_path_buf();
        let cache = set("TICKETING_CACHE")
            .or_else(|| set("XDG_CACHE_HOME").map(|cache| cache.join("ticketing")))
            .or_else(|| set("HOME").map(|home| home.join(".cache/ticketing")))
            .ok_or_else(|| {
                Failure::new(
                    "no cache folder",
                    "neither TICKETING_CACHE, XDG_CACHE_HOME nor HOME is set",
                )
                .remedy("set TICKETING_CACHE to a folder that this user may write")
            })?;
        fs::create_dir_all(&cache).map_err(|error| {
            Failure::new(format!("cannot make {}", cache.display()), error)
                .remedy("set TICKETING_CACHE to a folder that this user may write")
        })?;
        Ok(Self { root, cache })
    }

    /// Cargo's target folder for everything but this tool.
    pub fn target(&self) -> PathBuf {
        self.cache.join("target")
    }

    /// Where cargo finds the sources of whichever checkout is being built.
    pub fn copy(&self) -> PathBuf {
        self.cache.join("sources")
    }

    /// Tools that were fetched rather than found.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// This checkout's own copies of the binaries, which no other checkout's build replaces.
    pub fn bin(&self) -> PathBuf {
        self.root.join("target/bin")
    }

    /// All files below `folder` of the checkout, if it exists, but what was built or fetched, sorted.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn sources(&self, folder: &str) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        let folder = self.root.join(folder);
        if folder.is_dir() {
            collect(&folder, &mut files)?;
        }
        files.sort();
        Ok(files)
    }

    /// The names of the folders in `group` (`components`, `providers`) that hold a crate, sorted.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn crates_in(&self, group: &str) -> Result<Vec<String>> {
        let folder = self.root.join(group);
        let entries = fs::read_dir(&folder)
            .map_err(|error| Failure::new(format!("cannot read {}", folder.display()), error))?;
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.path().join("Cargo.toml").is_file())
            .filter_map(|entry| entry.file_name().into_string().ok())
            .collect();
        names.sort();
        Ok(names)
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |error| Failure::new(format!("cannot read {}", folder.display()), error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let kind = entry.file_type().map_err(failed)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_made = (name.starts_with('.') && name != ".cargo") || MADE.contains(&&*name);
        if kind.is_file() {
            files.push(entry.path());
        } else if kind.is_dir() && !is_made {
            collect(&entry.path(), files)?;
        }
    }
    Ok(())
}

fn set(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
