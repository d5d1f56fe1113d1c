//! A program that a trial starts: its output goes to a file, and it ends with the trial.
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::Process;
use tokio::process::{Child, Command};

/// It runs until it is dropped.
pub struct Program {
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts `command`, whose output goes to `<name>.log` in `folder`.
    pub fn start(mut command: Command, folder: &Path, name: &str) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        Ok(Self { child, log })
    }

    /// Everything that it has said so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has said `words` more than `times` times.
    ///
    /// # Panics
    /// When it has not within `limit`.
    pub async fn says(&self, words: &str, times: usize, limit: Duration) {
        let what = format!("{} to say {words:?}", self.log.display());
        let counted = async || (self.said().matches(words).count() > times).then_some(());
        let waited = tokio::time::timeout(limit, async {
            while counted().await.is_none() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        });
        if waited.await.is_err() {
            panic!(
                "waited {limit:?} in vain: {what}; it said:\n{}",
                self.said()
            );
        }
    }

    /// Asks it to end as Ctrl-C does, and waits until it has.
    ///
    /// # Panics
    /// When it has not within `limit`.
    pub async fn interrupt(mut self, limit: Duration) {
        let pid = self.child.id().and_then(|pid| i32::try_from(pid).ok());
        let process = Process::all()
            .into_iter()
            .find(|process| Some(process.pid) == pid);
        if let Some(process) = process {
            process.interrupt();
        }
        let ended = tokio::time::timeout(limit, self.child.wait()).await;
        assert!(
            ended.is_ok(),
            "no end within {limit:?} of Ctrl-C:\n{}",
            self.said()
        );
    }
}
