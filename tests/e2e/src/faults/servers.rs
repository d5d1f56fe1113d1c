//! NATS and Postgres as an operator runs them beside the lattice: here the suite is their supervisor, and starts them again.
use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Part;
use crate::lattice::cache;
use crate::{Process, within};

/// Crash recovery on a busy machine included.
const START: Duration = Duration::from_secs(60);
const BETWEEN_STARTS: Duration = Duration::from_millis(100);

/// Both servers with their data, in a folder that goes with them.
#[derive(Debug)]
pub struct Servers {
    nats: Server,
    postgres: Server,
    _folder: tempfile::TempDir,
}

/// A server that is started again whenever it ends.
#[derive(Debug)]
struct Server {
    port: u16,
    pid: watch::Receiver<Option<i32>>,
    supervisor: JoinHandle<()>,
}

impl Servers {
    /// Makes the data folders and starts both.
    ///
    /// # Errors
    /// When a program is missing, or does not start.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("ticketing-servers-")
            .tempdir()?;
        // Postgres runs as another user when the suite runs as root, and has to pass through.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        let (nats_port, postgres_port) = (free_port()?, free_port()?);
        let nats = nats(folder.path(), nats_port)?;
        let postgres = postgres(folder.path(), postgres_port).await?;
        let servers = Self {
            nats: Server::start(nats, nats_port),
            postgres: Server::start(postgres, postgres_port),
            _folder: folder,
        };
        servers.nats.is_reachable().await?;
        servers.postgres.is_reachable().await?;
        Ok(servers)
    }

    /// `host:port` of NATS.
    #[must_use]
    pub fn nats(&self) -> String {
        format!("127.0.0.1:{}", self.nats.port)
    }

    /// The Postgres server as its administrator, reached on `port`: its own, or a proxy's.
    #[must_use]
    pub fn postgres_on(port: u16) -> String {
        format!("postgres://postgres:unused@127.0.0.1:{port}/postgres")
    }

    /// The port of Postgres.
    #[must_use]
    pub fn postgres_port(&self) -> u16 {
        self.postgres.port
    }

    /// The process of one of them; none while it is being started again.
    #[must_use]
    pub fn process(&self, part: Part) -> Option<Process> {
        let server = match part {
            Part::Nats => &self.nats,
            Part::Postgres => &self.postgres,
            _ => return None,
        };
        let pid = (*server.pid.borrow())?;
        Process::all()
            .into_iter()
            .find(|process| process.pid == pid)
    }
}

impl Server {
    fn start(command: Vec<String>, port: u16) -> Self {
        let (tell, pid) = watch::channel(None);
        let supervisor = tokio::spawn(async move {
            loop {
                if let Ok(mut child) = spawn(&command) {
                    tell.send_replace(child.id().and_then(|id| i32::try_from(id).ok()));
                    let _ended = child.wait().await;
                    tell.send_replace(None);
                }
                tokio::time::sleep(BETWEEN_STARTS).await;
            }
        });
        Self {
            port,
            pid,
            supervisor,
        }
    }

    async fn is_reachable(&self) -> Result<()> {
        let address = ("127.0.0.1", self.port);
        within(
            START,
            format!("a server on port {}", self.port),
            async || TcpStream::connect(address).await.ok(),
        )
        .await;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.supervisor.abort();
        if let Some(pid) = *self.pid.borrow() {
            let tree = Process::descendants(pid);
            let all = Process::all().into_iter();
            for process in all.filter(|process| process.pid == pid).chain(tree) {
                process.go_on();
                process.kill();
            }
        }
    }
}

fn spawn(command: &[String]) -> Result<Child> {
    let (first, rest) = command.split_first().context("an empty command")?;
    let mut line = Command::new(first);
    line.args(rest)
        .stdin(Stdio::null())
        // Both write logs of their own; what they say before is about where.
        .stderr(Stdio::null())
        .kill_on_drop(true);
    line.spawn().with_context(|| format!("starting {first}"))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn nats(folder: &Path, port: u16) -> Result<Vec<String>> {
    let given = std::env::var_os("TICKETING_NATS_SERVER").map(PathBuf::from);
    let program = given.unwrap_or_else(|| cache().join("tools/nats-server"));
    ensure!(
        program.is_file(),
        "no nats-server at {}; set TICKETING_NATS_SERVER",
        program.display()
    );
    let store = folder.join("nats").display().to_string();
    let log = folder.join("nats.log").display().to_string();
    let port = port.to_string();
    let program = program.display().to_string();
    let line = [
        program.as_str(),
        "--jetstream",
        "--addr",
        "127.0.0.1",
        "--port",
        &port,
        "--store_dir",
        &store,
        "--name",
        "faults",
        "--log",
        &log,
    ];
    Ok(line.map(str::to_owned).to_vec())
}

async fn postgres(folder: &Path, port: u16) -> Result<Vec<String>> {
    let programs = postgres_programs()?;
    let wrapper = unprivileged().await;
    let data = folder.join("postgres");
    fs::create_dir(&data)?;
    if wrapper.first().is_some_and(|first| first == "setpriv") {
        run(&[
            "chown".to_owned(),
            "postgres:".to_owned(),
            data.display().to_string(),
        ])
        .await?;
    }
    let mut initdb = wrapper.clone();
    initdb.push(programs.join("initdb").display().to_string());
    initdb.extend(["-D".to_owned(), data.display().to_string()]);
    initdb.extend(
        [
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        .map(str::to_owned),
    );
    run(&initdb).await?;
    let mut line = wrapper;
    line.push(programs.join("postgres").display().to_string());
    line.extend(["-D".to_owned(), data.display().to_string()]);
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        "max_connections=300".to_owned(),
        "logging_collector=on".to_owned(),
        "log_directory=log".to_owned(),
    ];
    for setting in settings {
        line.extend(["-c".to_owned(), setting]);
    }
    Ok(line)
}

fn postgres_programs() -> Result<PathBuf> {
    let given = std::env::var_os("TICKETING_POSTGRES_BIN").map(PathBuf::from);
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    debian.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    given
        .into_iter()
        .chain(std::env::split_paths(&path))
        .chain(debian)
        .find(|folder| folder.join("initdb").is_file())
        .context("no PostgreSQL; install it, or set TICKETING_POSTGRES_BIN")
}

/// What becomes a user that Postgres agrees to run as: nothing, unless this is root.
async fn unprivileged() -> Vec<String> {
    let words = |line: &[&str]| {
        line.iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    if !rustix::process::geteuid().is_root() {
        return Vec::new();
    }
    let namespace = words(&[
        "unshare",
        "--user",
        "--map-user=1000",
        "--map-group=1000",
        "--",
    ]);
    let mut attempt = namespace.clone();
    attempt.push("true".to_owned());
    match run(&attempt).await {
        Ok(()) => namespace,
        Err(_) => words(&[
            "setpriv",
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "--",
        ]),
    }
}

async fn run(line: &[String]) -> Result<()> {
    let (first, rest) = line.split_first().context("an empty command")?;
    let output = Command::new(first)
        .args(rest)
        .current_dir("/")
        .output()
        .await;
    let output = output.with_context(|| format!("running {first}"))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "{}: {said}", line.join(" "));
    Ok(())
}
