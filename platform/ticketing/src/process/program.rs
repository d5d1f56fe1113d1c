//! What to run and how to end it.
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;
use tokio::process::Command;

/// The signal that a program takes as a wish to end, and how long it may take to.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    pub signal: Signal,
    pub patience: Duration,
}

/// A command that can be started again and again.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: String,
    binary: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(String, OsString)>,
    wrapper: Vec<OsString>,
    pub stop: Stop,
}

impl Program {
    pub fn new(name: &str, binary: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            binary: binary.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            wrapper: Vec::new(),
            stop: Stop {
                signal: Signal::TERM,
                patience: Duration::from_secs(5),
            },
        }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(
            arguments
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.environment
            .push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Runs it through another command that becomes it.
    pub fn through<A: AsRef<OsStr>>(mut self, wrapper: impl IntoIterator<Item = A>) -> Self {
        self.wrapper.extend(
            wrapper
                .into_iter()
                .map(|argument| argument.as_ref().to_owned()),
        );
        self
    }

    pub fn stopped_by(mut self, signal: Signal, patience: Duration) -> Self {
        self.stop = Stop { signal, patience };
        self
    }

    /// The command, writing to the end of `log`.
    ///
    /// # Errors
    /// When the log cannot be opened.
    pub(super) fn command(&self, log: &Path) -> Result<Command> {
        let mut line: Vec<OsString> = self.wrapper.clone();
        line.extend(self.dies_with_parent());
        line.push(self.binary.clone().into_os_string());
        line.extend(self.arguments.iter().cloned());
        let (first, rest) = line.split_first().context("an empty command")?;
        let open = || File::options().create(true).append(true).open(log);
        let mut command = Command::new(first);
        command
            .args(rest)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::from(
                open().with_context(|| format!("cannot write {}", log.display()))?,
            ))
            .stderr(Stdio::from(open()?))
            // Ctrl-C at the terminal is for this process, which then ends its children in order.
            .process_group(0);
        // What somebody has set for another host must not reach this one.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let foreign = text.starts_with("WASMCLOUD_")
                || text.starts_with("WADM_")
                || text.starts_with("PG");
            if foreign && !self.environment.iter().any(|(own, _)| *own == text) {
                command.env_remove(&name);
            }
        }
        Ok(command)
    }

    /// The kernel ends the child when this process is killed and cannot do so itself.
    fn dies_with_parent(&self) -> Vec<OsString> {
        match which("setpriv") {
            Some(setpriv) => vec![
                setpriv.into_os_string(),
                "--pdeathsig".into(),
                signal_name(self.stop.signal).into(),
                "--".into(),
            ],
            None => Vec::new(),
        }
    }
}

/// The path of an executable on `PATH`.
pub fn which(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
}

fn signal_name(signal: Signal) -> &'static str {
    match signal {
        Signal::INT => "INT",
        Signal::QUIT => "QUIT",
        _ => "TERM",
    }
}
