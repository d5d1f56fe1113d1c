//! What a lattice needs of a checkout, in a folder of the suite's own, where what was built can be replaced by another version.
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::lattice::cache;
use crate::{repository, tool};

/// What the component `client` says about the shop's version, in the document that it serves.
const VERSION: &str = r#""version": "1.0.0""#;
const CLIENT: &str = "components/client/build/client_s.wasm";

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
        let mut component = fs::read(repository().join(CLIENT))?;
        let other = VERSION.replace("0\"", &format!("{digit}\""));
        let places: Vec<usize> = component
            .windows(VERSION.len())
            .enumerate()
            .filter(|(_, window)| *window == VERSION.as_bytes())
            .map(|(place, _)| place)
            .collect();
        ensure!(!places.is_empty(), "{CLIENT} does not contain {VERSION}");
        for place in places {
            component[place..place + VERSION.len()].copy_from_slice(other.as_bytes());
        }
        // Hosts refuse what is not what was signed.
        let unsigned = self.path().join("client.wasm");
        fs::write(&unsigned, &component)?;
        let mut pair = unsigned.into_os_string();
        pair.push("=");
        pair.push(self.path().join(CLIENT));
        let sign = Command::new(tool())
            .arg("sign")
            .arg("--keys")
            .arg(cache().join("keys"))
            .arg(pair)
            .output()
            .context("the tool")?;
        let said = String::from_utf8_lossy(&sign.stderr);
        ensure!(sign.status.success(), "signing {CLIENT}: {said}");
        Ok(())
    }

    /// Puts back what was built.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn take_back(&self) -> Result<()> {
        replace(
            &self.path().join(CLIENT),
            &fs::read(repository().join(CLIENT))?,
        )
    }
}

/// As a whole, so that nobody reads half of it.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let draft = path.with_extension("new");
    fs::write(&draft, content)?;
    fs::rename(&draft, path).with_context(|| format!("replacing {}", path.display()))
}

fn copy_built(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.join("build"))?;
    let migrations = from.join("migrations");
    if migrations.is_dir() {
        symlink(migrations, to.join("migrations"))?;
    }
    let built: Vec<PathBuf> = fs::read_dir(from.join("build"))
        .with_context(|| format!("{} has not been built", from.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    for file in built {
        let name = file.file_name().context("a file without a name")?;
        fs::copy(&file, to.join("build").join(name))?;
    }
    Ok(())
}
