//! Programs that others publish for Python, each in an environment of its own in the cache.
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;

use crate::lattice::cache;

/// A Python program at a fixed version.
#[derive(Clone, Debug)]
pub struct Python {
    environment: PathBuf,
}

impl Python {
    /// Installs `package` at `version` from PyPI, unless it is there already.
    ///
    /// # Errors
    /// When there is no Python, or pip cannot reach its index.
    pub async fn with(package: &str, version: &str) -> Result<Self> {
        let environment = cache().join(format!("python/{package}-{version}"));
        let python = Self { environment };
        if !python.program(package).exists() {
            let folder = python.environment.as_os_str();
            run(Command::new("python3")
                .args(["-m", "venv", "--clear"])
                .arg(folder))
            .await?;
            let requirement = format!("{package}=={version}");
            let mut pip = Command::new(python.program("pip"));
            run(pip.args(["install", "--quiet", &requirement]))
                .await
                .with_context(|| {
                    format!("pip cannot install {requirement}: is its index out of reach?")
                })?;
        }
        Ok(python)
    }

    /// The path of one of its programs.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.environment.join("bin").join(name)
    }
}

async fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{:?} ended with {}: {said}",
        command.as_std(),
        output.status
    );
    Ok(())
}
