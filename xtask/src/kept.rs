//! Programs that take minutes to compile and seldom change are compiled once for all checkouts: what was built from the
//! same sources is taken from the cache.
use std::collections::BTreeSet;
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
    /// Of the program `name`, which `package` with its sources in `folders` and its locked dependencies make, this compiler
    /// and these flags.
    ///
    /// # Errors
    /// When a source cannot be read, or the compiler does not say what it is.
    pub fn of(workspace: &Workspace, name: &str, package: &str, folders: &[&str]) -> Result<Self> {
        let mut digest = DefaultHasher::new();
        let manifest = workspace.root.join("Cargo.toml");
        let mut sources = vec![manifest];
        for folder in folders {
            sources.extend(workspace.sources(folder)?);
        }
        for path in sources {
            let place = path.strip_prefix(&workspace.root).unwrap_or(&path);
            (place, read(&path)?).hash(&mut digest);
        }
        let lock = read(&workspace.root.join("Cargo.lock"))?;
        locked(&lock, package).hash(&mut digest);
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

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("cannot read {}", path.display()), error))
}

/// What a `Cargo.lock` says about `package` and all that it depends on, and about nothing else.
fn locked<'lock>(lock: &'lock str, package: &str) -> BTreeSet<&'lock str> {
    let entries: Vec<&str> = lock.split("[[package]]\n").skip(1).collect();
    let mut found = BTreeSet::new();
    let mut wanted = vec![package];
    while let Some(dependency) = wanted.pop() {
        // "<name>", or "<name> <version>" where there are several.
        let mut words = dependency.split(' ');
        let (name, version) = (words.next(), words.next());
        for entry in &entries {
            let is_meant = value(entry, "name") == name
                && (version.is_none() || value(entry, "version") == version);
            if is_meant && found.insert(*entry) {
                let lines = entry.lines().skip_while(|line| *line != "dependencies = [");
                wanted.extend(
                    lines
                        .skip(1)
                        .filter_map(|line| line.strip_prefix(" \"")?.strip_suffix("\",")),
                );
            }
        }
    }
    found
}

fn value<'entry>(entry: &'entry str, key: &str) -> Option<&'entry str> {
    entry.lines().find_map(|line| {
        let quoted = line.strip_prefix(key)?.strip_prefix(" = ")?;
        Some(quoted.trim_matches('"'))
    })
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
        let kept = |workspace| Kept::of(workspace, "host", "host", &["platform/host"]).unwrap();

        assert_eq!(kept(&workspace).program(), None);
        kept(&workspace).keep(&built).unwrap();
        assert!(kept(&workspace).program().is_some());
        fs::write(workspace.root.join("platform/host/src/main.rs"), "other").unwrap();
        assert_eq!(kept(&workspace).program(), None);
        fs::remove_dir_all(&workspace.root).unwrap();
    }

    #[test]
    fn what_others_depend_on_does_not_count() {
        let lock = r#"version = 4

[[package]]
name = "host"
version = "0.1.0"
dependencies = [
 "clap",
 "http 1.0.0",
]

[[package]]
name = "clap"
version = "4.0.0"

[[package]]
name = "http"
version = "0.2.0"

[[package]]
name = "http"
version = "1.0.0"
dependencies = [
 "clap",
]

[[package]]
name = "shop"
version = "0.1.0"
dependencies = [
 "http 0.2.0",
]
"#;
        let names = locked(lock, "host")
            .into_iter()
            .map(|entry| (value(entry, "name"), value(entry, "version")));
        let mut names: Vec<_> = names
            .map(|(name, version)| (name.unwrap(), version.unwrap()))
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [("clap", "4.0.0"), ("host", "0.1.0"), ("http", "1.0.0")]
        );
    }
}
