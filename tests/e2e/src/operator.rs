//! Somebody who looks after the shop with the `ticketing` tool, and stands in no checkout.
use std::process::{Output, Stdio};

use tokio::process::Command;

use crate::tool;

/// An operator's shell, in an empty folder.
#[derive(Debug)]
pub struct Operator {
    folder: tempfile::TempDir,
    nats: Option<String>,
    variables: Vec<(String, String)>,
}

impl Operator {
    /// Whose tool works with the streams of the NATS server `nats`; `None` leaves it to find them.
    ///
    /// # Panics
    /// When there is no place for an empty folder.
    #[must_use]
    pub fn at(nats: Option<&str>) -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            nats: nats.map(|address| format!("nats://{address}")),
            variables: Vec::new(),
        }
    }

    /// The same with another variable in the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Runs the tool. Gives what it has printed.
    ///
    /// # Panics
    /// When it does not succeed.
    pub async fn does(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs the tool, which refuses. Gives the one line that says why.
    ///
    /// # Panics
    /// When it succeeds, or says anything but one line.
    pub async fn is_refused(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(!output.status.success(), "{arguments:?}: {output:?}");
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
        said
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(tool());
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("TICKETING_ROOT")
            .env_remove("TICKETING_DATA")
            .env_remove("NATS_URL")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if let Some(nats) = &self.nats {
            command.env("NATS_URL", nats);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.output().await.expect("the tool starts")
    }
}
