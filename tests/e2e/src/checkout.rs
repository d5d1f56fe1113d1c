//! What a lattice needs of a checkout, in a folder of the suite's own, where what was built can be replaced by another version.
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::lattice::cache;
use crate::{repository, tool};

/// What the component `client` says about the shop's version, in the document that it serves.
const VERSION: &str = r#""version": "1.0.0""#;

/// The folder; it goes with this.
#[derive(Debug)]
pub struct Checkout {
    folder: tempfile::TempDir,
}

impl Checkout {
    /// Copies what was built, and refers to the rest.
    ///
    /// # Errors
    /// When something has not been built.
    pub fn new() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("ticketing-checkout-")
            .tempdir()?;
        let (from, to) = (repository(), folder.path());
        fs::copy(from.join("wadm.yaml"), to.join("wadm.yaml"))?;
        for group in ["components", "providers"] {
            for entry in fs::read_dir(from.join(group))? {
                let entry = entry?;
                if !entry.path().join("Cargo.toml").is_file() {
                    continue;
                }
                let own = to.join(group).join(entry.file_name());
                copy_built(&entry.path(), &own)
                    .with_context(|| format!("copying {}", entry.path().display()))?;
            }
        }
        Ok(Self { folder })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Replaces the component that serves the web app and the OpenAPI document by one of another version, which differs in
    /// what that document says: a last digit other than 0.
    ///
    /// # Errors
    /// When the component does not say its version where this looks for it, or cannot be signed.
    pub fn release(&self, digit: u8) -> Result<()> {
        let other = VERSION.replace("0\"", &format!("{digit}\""));
        self.rewrite("client", &[(VERSION.to_owned(), other)])
    }

    /// Replaces a component by one in which each text of `changes` is another of the same length, wherever it stands in
    /// what was built.
    ///
    /// # Errors
    /// When a text is not in the component, or not as long as the other, or the component cannot be signed.
    pub fn rewrite(&self, component: &str, changes: &[(String, String)]) -> Result<()> {
        let file = built(component);
        let mut bytes = fs::read(repository().join(&file))?;
        for (text, other) in changes {
            let begin = text.lines().next().unwrap_or_default();
            let (text, other) = (text.as_bytes(), other.as_bytes());
            ensure!(
                text.len() == other.len() && !text.is_empty(),
                "a text in {file} can only be replaced by one as long"
            );
            let places: Vec<usize> = bytes
                .windows(text.len())
                .enumerate()
                .filter(|(_, window)| *window == text)
                .map(|(place, _)| place)
                .collect();
            ensure!(
                !places.is_empty(),
                "{file} does not contain the text that begins with {begin:?}"
            );
            for place in places {
                bytes[place..place + other.len()].copy_from_slice(other);
            }
        }
        // Hosts refuse what is not what was signed.
        let unsigned = self.path().join(format!("{component}.wasm"));
        fs::write(&unsigned, &bytes)?;
        let mut pair = unsigned.into_os_string();
        pair.push("=");
        pair.push(self.path().join(&file));
        let sign = Command::new(tool())
            .arg("sign")
            .arg("--keys")
            .arg(cache().join("keys"))
            .arg(pair)
            .output()
            .context("the tool")?;
        let said = String::from_utf8_lossy(&sign.stderr);
        ensure!(sign.status.success(), "signing {file}: {said}");
        Ok(())
    }

    /// Adds a migration behind all that a service has. Gives its number.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_migration(&self, service: &str, name: &str, sql: &str) -> Result<u32> {
        let folder = self.path().join(migrations(service));
        let number = 1 + last_of(&folder)
            .with_context(|| format!("the migrations in {}", folder.display()))?;
        fs::write(folder.join(format!("V{number}__{name}.sql")), sql)?;
        Ok(number)
    }

    /// Puts back what was built, and the migrations that came with it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn take_back(&self) -> Result<()> {
        for entry in fs::read_dir(self.path().join("components"))? {
            let name = entry?.file_name();
            let name = name.to_str().context("a component's name")?;
            let (file, own) = (built(name), self.path().join(migrations(name)));
            replace(
                &self.path().join(&file),
                &fs::read(repository().join(&file))?,
            )?;
            if own.is_dir() {
                fs::remove_dir_all(&own)?;
                copy_all(&repository().join(migrations(name)), &own)?;
            }
        }
        Ok(())
    }
}

/// Where a component is, as it was built and signed.
fn built(component: &str) -> String {
    format!("components/{component}/build/{component}_s.wasm")
}

/// Where a service's migrations are.
fn migrations(service: &str) -> String {
    format!("components/{service}/migrations")
}

/// The highest number of a folder's migrations.
fn last_of(folder: &Path) -> Result<u32> {
    let mut last = 0;
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| {
            let (number, _) = name.strip_prefix('V')?.split_once("__")?;
            number.parse::<u32>().ok()
        });
        last = last.max(number.with_context(|| format!("{} is no migration", name.display()))?);
    }
    Ok(last)
}

/// As a whole, so that nobody reads half of it.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let draft = path.with_extension("new");
    fs::write(&draft, content)?;
    fs::rename(&draft, path).with_context(|| format!("replacing {}", path.display()))
}

fn copy_built(from: &Path, to: &Path) -> Result<()> {
    copy_all(&from.join("build"), &to.join("build"))
        .with_context(|| format!("{} has not been built", from.display()))?;
    let migrations = from.join("migrations");
    if migrations.is_dir() {
        copy_all(&migrations, &to.join("migrations"))?;
    }
    Ok(())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
