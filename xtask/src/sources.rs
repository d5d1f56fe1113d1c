//! The copy of a checkout's sources in which cargo works, one for all checkouts.
//! To cargo a crate is its path and the age of its files: a new clone would be compiled from scratch, and two checkouts
//! that share a target folder would pick up each other's results. The copy has one path, and only a file whose content
//! differs gets younger.
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// What the client component embeds: built, and yet a source.
const BUNDLE: &str = "components/client/dist";

/// Makes the copy say what the checkout says. The caller holds the lock of the target folder.
///
/// # Errors
/// When the checkout cannot be read or the copy not be written.
pub fn copy(workspace: &Workspace) -> Result<()> {
    let copy = workspace.copy();
    let failed = |error| Failure::new(format!("cannot write {}", copy.display()), error);
    fs::create_dir_all(&copy).map_err(failed)?;
    let mut wanted = BTreeSet::new();
    for folder in ["", BUNDLE] {
        for source in workspace.sources(folder)? {
            if let Ok(place) = source.strip_prefix(&workspace.root) {
                wanted.insert(place.to_owned());
            }
        }
    }
    remove_others(&copy, Path::new(""), &wanted).map_err(failed)?;
    for place in &wanted {
        renew(&workspace.root.join(place), &copy.join(place)).map_err(failed)?;
    }
    Ok(())
}

/// Removes all files of the copy but those `wanted`, and the folders that are empty then.
fn remove_others(copy: &Path, folder: &Path, wanted: &BTreeSet<PathBuf>) -> io::Result<bool> {
    let mut is_empty = true;
    for entry in fs::read_dir(copy.join(folder))? {
        let entry = entry?;
        let place = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            if remove_others(copy, &place, wanted)? {
                fs::remove_dir(entry.path())?;
            } else {
                is_empty = false;
            }
        } else if wanted.contains(&place) {
            is_empty = false;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(is_empty)
}

/// Copies a file that has changed, and leaves any other as old as it is.
fn renew(source: &Path, copy: &Path) -> io::Result<()> {
    let content = fs::read(source)?;
    if fs::read(copy).is_ok_and(|present| present == content) {
        return Ok(());
    }
    if let Some(folder) = copy.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(copy, content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    fn checkout(folder: &Path, name: &str, files: &[(&str, &str)]) -> Workspace {
        let root = folder.join(name);
        for (place, content) in files {
            let file = root.join(place);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        let cache = folder.join("cache");
        Workspace { root, cache }
    }

    fn age(file: &Path) -> SystemTime {
        fs::metadata(file).unwrap().modified().unwrap()
    }

    #[test]
    fn only_what_differs_gets_younger() {
        let folder = std::env::temp_dir().join(format!("ticketing-copy-{}", std::process::id()));
        let lib = "crates/kit/src/lib.rs";
        let one = checkout(&folder, "one", &[("Cargo.toml", "same"), (lib, "one")]);
        let other = checkout(&folder, "other", &[("Cargo.toml", "same"), (lib, "other")]);
        let manifest = one.copy().join("Cargo.toml");
        copy(&one).unwrap();
        let before = (age(&manifest), age(&one.copy().join(lib)));
        copy(&other).unwrap();
        assert_eq!(age(&manifest), before.0);
        assert!(age(&one.copy().join(lib)) > before.1);
        assert_eq!(fs::read_to_string(one.copy().join(lib)).unwrap(), "other");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn what_is_gone_is_gone_and_what_was_built_is_no_source() {
        let folder = std::env::temp_dir().join(format!("ticketing-gone-{}", std::process::id()));
        let files = [
            ("crates/kit/src/old.rs", ""),
            ("crates/kit/src/lib.rs", ""),
            ("target/debug/xtask", ""),
            (".cargo/config.toml", ""),
            ("components/client/dist/index.html", ""),
        ];
        let checkout = checkout(&folder, "checkout", &files);
        copy(&checkout).unwrap();
        fs::remove_file(checkout.root.join(files[0].0)).unwrap();
        copy(&checkout).unwrap();
        let is_there = files.map(|(place, _)| checkout.copy().join(place).exists());
        assert_eq!(is_there, [false, true, false, true, true]);
        fs::remove_dir_all(&folder).unwrap();
    }
}
