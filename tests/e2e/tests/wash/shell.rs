//! `wash` as one types it.
use std::ffi::OsStr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::within;
use tokio::process::Command;

use crate::ground::Ground;

/// A `wash` that talks to one lattice and keeps its own files apart from the user's.
pub struct Shell<'a> {
    ground: &'a Ground,
}

impl<'a> Shell<'a> {
    pub fn new(ground: &'a Ground) -> Self {
        Self { ground }
    }

    /// A `wash` to be given arguments.
    pub fn wash(&self) -> Result<Command> {
        let program = std::env::var_os("TICKETING_WASH")
            .map(PathBuf::from)
            .context("TICKETING_WASH names no wash; run `cargo xtask test wash`")?;
        let mut wash = Command::new(program);
        wash.envs(self.ground.variables()?);
        for (variable, folder) in [
            ("WASH_CONFIG_DIR", "config"),
            ("WASH_DATA_DIR", "data"),
            ("WASH_CACHE_DIR", "cache"),
            ("WASH_KEYS", "keys"),
        ] {
            let folder = self.ground.folder().join("wash").join(folder);
            std::fs::create_dir_all(&folder)?;
            wash.env(variable, folder);
        }
        wash.kill_on_drop(true);
        Ok(wash)
    }

    /// Runs it to the end and gives what it said.
    pub async fn says(&self, arguments: &[&(impl AsRef<OsStr> + ?Sized)]) -> Result<String> {
        let output = self.wash()?.args(arguments).output().await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let line: Vec<_> = arguments.iter().map(|argument| argument.as_ref()).collect();
        ensure!(
            output.status.success(),
            "wash {line:?}: {said}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(said)
    }

    /// Waits until a host of the lattice answers.
    ///
    /// # Panics
    /// When none does within `limit`.
    pub async fn sees_a_host(&self, limit: Duration) {
        let ask = ["get", "hosts", "--output", "json"];
        self.shows(&ask, limit, |said| said.contains("uptime_seconds"))
            .await;
    }

    /// Runs it again and again until what it says is accepted.
    ///
    /// # Panics
    /// When that takes longer than `limit`.
    pub async fn shows(
        &self,
        arguments: &[&str],
        limit: Duration,
        accept: impl Fn(&str) -> bool,
    ) -> String {
        let what = format!("what is looked for in wash {arguments:?}");
        within(limit, what, async || {
            let said = self.says(arguments).await.ok()?;
            accept(&said).then_some(said)
        })
        .await
    }
}
