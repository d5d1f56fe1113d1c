//! One build at a time in the shared target folder, from compiling to copying the results out, and nothing of another
//! checkout's crates in it. To cargo a crate is its place in the workspace and the age of its files, so one checkout
//! would pick up what another has compiled from other sources, or with its own path inside.
use std::fs::{self, File, TryLockError};
use std::io;

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

/// Held until dropped; the kernel releases it with the process.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

/// Which checkout has built last.
const BUILDER: &str = "ticketing.checkout";

/// Takes the lock, waiting for another checkout's build when there is one, and has cargo forget that checkout's crates.
///
/// # Errors
/// When the lock file cannot be made, or the target folder not be changed.
pub fn target(workspace: &Workspace) -> Result<Lock> {
    let path = workspace.target().join("ticketing.lock");
    let failed = |error| Failure::new(format!("cannot lock {}", path.display()), error);
    fs::create_dir_all(workspace.target()).map_err(failed)?;
    let file = File::create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            println!(
                "waiting for another build in {}",
                workspace.target().display()
            );
            file.lock().map_err(failed)?;
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let note = workspace.target().join(BUILDER);
    let root = workspace.root.canonicalize().map_err(failed)?;
    let root = root.display().to_string();
    if !fs::read_to_string(&note).is_ok_and(|builder| builder == root) {
        let crates = crates_of(workspace)?;
        forget(workspace, &crates)
            .and_then(|()| fs::write(&note, root))
            .map_err(failed)?;
    }
    Ok(Lock(file))
}

/// Removes what cargo knows of `crates`.
fn forget(workspace: &Workspace, crates: &[String]) -> io::Result<()> {
    for profile in ["release", "wasm32-wasip2/release"] {
        let known = workspace.target().join(profile).join(".fingerprint");
        for entry in fs::read_dir(known).into_iter().flatten() {
            let entry = entry?;
            // `<crate>-<hash>`
            let name = entry.file_name().to_string_lossy().into_owned();
            if name
                .rsplit_once('-')
                .is_some_and(|(name, _)| crates.iter().any(|one| one == name))
            {
                fs::remove_dir_all(entry.path())?;
            }
        }
    }
    Ok(())
}

/// The names of this checkout's crates, as their manifests have them.
fn crates_of(workspace: &Workspace) -> Result<Vec<String>> {
    let manifests = workspace.sources("")?;
    let manifests = manifests.iter().filter(|path| path.ends_with("Cargo.toml"));
    let names = manifests.filter_map(|manifest| {
        let text = fs::read_to_string(manifest).ok()?;
        let name = text.lines().find_map(|line| line.strip_prefix("name = "))?;
        Some(name.trim_matches('"').to_owned())
    });
    Ok(names.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_checkout_has_compiled_is_compiled_again() {
        let folder = std::env::temp_dir().join(format!("ticketing-lock-{}", std::process::id()));
        let checkout = |name: &str| {
            let root = folder.join(name);
            fs::create_dir_all(root.join("crates/kit")).unwrap();
            fs::write(
                root.join("crates/kit/Cargo.toml"),
                "[package]\nname = \"kit\"\n",
            )
            .unwrap();
            let cache = folder.join("cache");
            Workspace { root, cache }
        };
        let (one, other) = (checkout("one"), checkout("other"));
        let known = one.target().join("release/.fingerprint");
        let compile = || {
            for unit in ["kit-0123456789abcdef", "serde-0123456789abcdef"] {
                fs::create_dir_all(known.join(unit)).unwrap();
            }
        };
        let kit_is_known = || known.join("kit-0123456789abcdef").exists();

        drop(target(&one).unwrap());
        compile();
        drop(target(&one).unwrap());
        assert!(kit_is_known());
        drop(target(&other).unwrap());
        assert!(!kit_is_known());
        assert!(known.join("serde-0123456789abcdef").exists());
        fs::remove_dir_all(&folder).unwrap();
    }
}
