//! Programs that take minutes to compile and seldom change are compiled once for all checkouts: what was built from the
//! same sources is taken from the cache.
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::failure::{Failure, Result};
use crate::process;
use crate::workspace::Workspace;

/// How many builds of a program are kept.
const BUILDS: usize = 4;

/// The place of a program that is built from some sources.
pub struct Kept {
    name: String,
    folder: PathBuf,
    program: PathBuf,
}

impl Kept {
    /// Of the program `name`, which `package` and its locked dependencies make, this compiler and these flags.
    ///
    /// # Errors
    /// When a source cannot be read, or the compiler does not say what it is.
    pub fn of(workspace: &Workspace, name: &str, package: &str) -> Result<Self> {
        let mut digest = DefaultHasher::new();
        let sources = ["Cargo.toml", "Cargo.lock"].map(|source| workspace.root.join(source));
        for path in sources.into_iter().chain(workspace.sources(package)?) {
            let content = fs::read(&path)
                .map_err(|error| Failure::new(format!("cannot read {}", path.display()), error))?;
            let place = path.strip_prefix(&workspace.root).unwrap_or(&path);
            (place, content).hash(&mut digest);
        }
        process::capture(Command::new("rustc").arg("-vV"))?.hash(&mut digest);
        std::env::var_os("RUSTFLAGS").hash(&mut digest);
        let folder = workspace.cache.join("programs");
        let program = folder.join(format!("{name}-{:016x}", digest.finish()));
        Ok(Self {
            name: name.to_owned(),
            folder,
            program,
        })
    }

    /// The program, if it has been built.
    pub fn program(&self) -> Option<&Path> {
        process::is_executable(&self.program).then_some(&*self.program)
    }

    /// Keeps `built`, and forgets the oldest others. Gives its place.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub fn keep(&self, built: &Path) -> Result<&Path> {
        let failed = |error| Failure::new(format!("cannot keep {}", self.program.display()), error);
        fs::create_dir_all(&self.folder).map_err(failed)?;
        // Complete at once, for whoever looks meanwhile.
        let part = self.program.with_extension("part");
        fs::copy(built, &part).map_err(failed)?;
        fs::rename(&part, &self.program).map_err(failed)?;
        for old in self.others().into_iter().skip(BUILDS - 1) {
            // Somebody else may have been faster.
            let _gone = fs::remove_file(old);
        }
        Ok(&self.program)
    }

    /// Other builds of the same program, newest first.
    fn others(&self) -> Vec<PathBuf> {
        let prefix = format!("{}-", self.name);
        let entries = fs::read_dir(&self.folder).into_iter().flatten();
        let mut builds: Vec<(SystemTime, PathBuf)> = entries
            .filter_map(|entry| entry.ok())
            .filter(|entry| entry.path() != self.program)
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix))
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        builds.sort();
        builds.into_iter().rev().map(|(_, path)| path).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkout with one program, in a folder of its own.
    fn checkout(test: &str) -> Workspace {
        let root =
            std::env::temp_dir().join(format!("ticketing-kept-{test}-{}", std::process::id()));
        fs::create_dir_all(root.join("platform/host/src")).unwrap();
        for file in ["Cargo.toml", "Cargo.lock", "platform/host/src/main.rs"] {
            fs::write(root.join(file), file).unwrap();
        }
        let cache = root.join("cache");
        Workspace { root, cache }
    }

    #[test]
    fn what_was_built_from_the_same_sources_is_found() {
        use std::os::unix::fs::PermissionsExt as _;
        let workspace = checkout("same");
        let built = workspace.root.join("built");
        fs::write(&built, "program").unwrap();
        fs::set_permissions(&built, fs::Permissions::from_mode(0o755)).unwrap();
        let kept = |workspace| Kept::of(workspace, "host", "platform/host").unwrap();

        assert_eq!(kept(&workspace).program(), None);
        kept(&workspace).keep(&built).unwrap();
        assert!(kept(&workspace).program().is_some());
        fs::write(workspace.root.join("platform/host/src/main.rs"), "other").unwrap();
        assert_eq!(kept(&workspace).program(), None);
        fs::remove_dir_all(&workspace.root).unwrap();
    }
}
