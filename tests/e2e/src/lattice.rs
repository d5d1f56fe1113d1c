//! A whole lattice, started through the tool that people use and ended the way they end it.
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::{Endpoints, Process, WEBHOOK_SECRET};

/// First start included: databases are created and the application is deployed.
const START: Duration = Duration::from_secs(180);
const START_PER_FURTHER_HOST: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(30);
/// Every host is stopped and started, one after the other.
const ROLL: Duration = Duration::from_secs(300);

/// The top of the repository: `TICKETING_ROOT`, since what is compiled may be a copy in which nothing is built; else where
/// this was compiled.
#[must_use]
pub fn repository() -> PathBuf {
    std::env::var_os("TICKETING_ROOT").map_or_else(
        || {
            PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
                .canonicalize()
                .unwrap_or_default()
        },
        PathBuf::from,
    )
}

/// The folder that keeps what is built and downloaded between runs.
pub(crate) fn cache() -> PathBuf {
    std::env::var_os("TICKETING_CACHE").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache/ticketing"),
        PathBuf::from,
    )
}

/// The tool's binary: `TICKETING_BIN`, else the release build in the cache.
#[must_use]
pub fn tool() -> PathBuf {
    std::env::var_os("TICKETING_BIN")
        .map_or_else(|| cache().join("target/release/ticketing"), PathBuf::from)
}

/// How a lattice is to be started.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Environment variables of `ticketing up`.
    variables: Vec<(String, String)>,
    /// The tool, when it is not [`tool`]; the programs beside it are the lattice's.
    tool: Option<PathBuf>,
    further_hosts: u32,
    /// Files that are in the data folder from the start.
    data: Vec<PathBuf>,
}

impl Setup {
    /// The defaults, and the suite's own webhook secret.
    #[must_use]
    pub fn new() -> Self {
        Self::default().with("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
    }

    /// The same with the variable `name` set.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.variables.push((name.to_owned(), value.to_string()));
        self
    }

    /// The same with another tool and the programs beside it.
    #[must_use]
    pub fn with_tool(mut self, tool: PathBuf) -> Self {
        self.tool = Some(tool);
        self
    }

    /// The same with a copy of `file` in the data folder, as from a backup.
    #[must_use]
    pub fn with_data(mut self, file: PathBuf) -> Self {
        self.data.push(file);
        self
    }

    /// The same with several hosts.
    #[must_use]
    pub fn with_hosts(mut self, hosts: u32) -> Self {
        self.further_hosts = hosts.saturating_sub(1);
        self
    }
}

/// A lattice that runs. Dropping it without [`Lattice::stop`] kills its processes.
#[derive(Debug)]
pub struct Lattice {
    folder: tempfile::TempDir,
    up: Option<Child>,
    endpoints: Endpoints,
}

impl Lattice {
    /// Starts a lattice with a new data folder and waits until it is ready.
    ///
    /// # Errors
    /// When it does not get ready; its log is in the message.
    pub async fn start(setup: &Setup) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("ticketing-e2e-")
            .tempdir()?;
        // Postgres runs as another user when the suite runs as root, and has to pass through.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let data = folder.path().join("data");
        fs::create_dir(&data)?;
        for file in &setup.data {
            let name = file.file_name().context("a file has a name")?;
            fs::copy(file, data.join(name))
                .with_context(|| format!("copying {}", file.display()))?;
        }
        let (up, endpoints) = up(folder.path(), setup).await?;
        Ok(Self {
            folder,
            up: Some(up),
            endpoints,
        })
    }

    /// Starts it again on the same data.
    ///
    /// # Errors
    /// When it still runs, or does not get ready.
    pub async fn start_again(&mut self, setup: &Setup) -> Result<()> {
        ensure!(self.up.is_none(), "the lattice still runs");
        let (up, endpoints) = up(self.folder.path(), setup).await?;
        self.up = Some(up);
        self.endpoints = endpoints;
        Ok(())
    }

    /// Where to reach it.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The process that supervises all others; none after a stop.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        i32::try_from(self.up.as_ref()?.id()?).ok()
    }

    /// Everything that it has written to its output so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(log_path(self.folder.path())).unwrap_or_default()
    }

    /// Stops it at the end of a test program, and shows its log unless everything has `passed`.
    ///
    /// # Errors
    /// As [`Lattice::stop`].
    pub async fn close(mut self, passed: bool) -> Result<()> {
        if !passed {
            eprintln!("the lattice's log:\n{}", self.log());
        }
        self.stop().await
    }

    /// Asks it to stop as Ctrl-C does, and makes sure that nothing of it is left.
    ///
    /// # Errors
    /// When it takes longer than 30 seconds, fails, or leaves a process behind.
    pub async fn stop(&mut self) -> Result<()> {
        let Some(mut up) = self.up.take() else {
            return Ok(());
        };
        let pid = up
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .context("up has ended by itself")?;
        let before = Process::descendants(pid);
        ensure!(
            !before.is_empty(),
            "up has no children, so what served the requests?"
        );
        let target = rustix::process::Pid::from_raw(pid).context("up has no process id")?;
        rustix::process::kill_process(target, rustix::process::Signal::TERM)?;
        let status: ExitStatus = timeout(STOP, up.wait())
            .await
            .with_context(|| format!("up did not stop within {STOP:?} of SIGTERM"))??;
        let data = self.data();
        let left: Vec<Process> = before
            .into_iter()
            .chain(Process::working_with(&data))
            .filter(Process::is_alive)
            .collect();
        for process in &left {
            process.kill();
        }
        ensure!(left.is_empty(), "up left processes behind: {left:#?}");
        ensure!(
            status.success(),
            "up ended with {status}; its log:\n{}",
            self.log()
        );
        Ok(())
    }

    /// Restarts the hosts one by one, as an operator does after a build. Gives what the tool says.
    ///
    /// # Errors
    /// When it takes too long, or the tool says that it has failed.
    pub async fn roll(&self) -> Result<String> {
        let mut roll = Command::new(tool());
        roll.arg("roll")
            .arg("--data-dir")
            .arg(self.data())
            .current_dir(repository())
            .kill_on_drop(true);
        let output = timeout(ROLL, roll.output()).await;
        let output = output.with_context(|| format!("no end of a roll within {ROLL:?}"))??;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let failed = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "roll: {said}{failed}");
        Ok(said)
    }

    /// Ends the supervisor without giving it a chance to clean up, as the loss of its terminal may.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn kill(&mut self) -> Result<()> {
        let mut up = self.up.take().context("the lattice does not run")?;
        up.kill().await.context("killing up")
    }

    /// The folder of its databases, streams and secrets.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Lattice {
    fn drop(&mut self) {
        let Some(pid) = self.pid() else { return };
        let tree = Process::descendants(pid);
        if let Some(up) = &mut self.up {
            let _gone_already = up.start_kill();
        }
        for process in tree.into_iter().chain(Process::working_with(&self.data())) {
            process.kill();
        }
    }
}

fn log_path(folder: &Path) -> PathBuf {
    folder.join("up.log")
}

async fn up(folder: &Path, setup: &Setup) -> Result<(Child, Endpoints)> {
    let data = folder.join("data");
    let log = File::options()
        .create(true)
        .append(true)
        .open(log_path(folder))?;
    let tool = setup.tool.clone().unwrap_or_else(tool);
    let mut up = Command::new(&tool)
        .args(["up", "--port", "0", "--data-dir"])
        .arg(&data)
        .args(["--hosts", &(1 + setup.further_hosts).to_string()])
        .envs(setup.variables.iter().map(|(name, value)| (name, value)))
        .current_dir(repository())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| {
            format!(
                "starting {} (build it, or set TICKETING_BIN)",
                tool.display()
            )
        })?;
    let tell = |why: String| {
        let log = fs::read_to_string(log_path(folder)).unwrap_or_default();
        anyhow::anyhow!("{why}; its log:\n{log}")
    };
    let start = START + START_PER_FURTHER_HOST * setup.further_hosts;
    let ready = timeout(start, ready_address(&mut up, folder))
        .await
        .map_err(|_| tell(format!("up was not ready within {start:?}")))?
        .map_err(|error| tell(error.to_string()))?;
    let endpoints = Endpoints::read(&data)?;
    ensure!(
        endpoints.http == ready,
        "up says it is ready at {ready}, and that it serves {}",
        endpoints.http
    );
    Ok((up, endpoints))
}

async fn ready_address(up: &mut Child, folder: &Path) -> Result<String> {
    let stdout = up.stdout.take().context("up has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let mut log = tokio::fs::File::from_std(File::options().append(true).open(log_path(folder))?);
    while let Some(line) = lines.next_line().await? {
        log.write_all(format!("{line}\n").as_bytes()).await?;
        if let Some(rest) = line.strip_prefix("ready: ") {
            let address = rest
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .to_owned();
            // A pipe that nobody empties would stop it one day.
            tokio::spawn(async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    let _disk_full = log.write_all(format!("{line}\n").as_bytes()).await;
                }
            });
            return Ok(address.trim_end_matches('/').to_owned());
        }
    }
    bail!("up ended before it was ready: {}", up.wait().await?)
}
