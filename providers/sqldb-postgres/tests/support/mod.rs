//! A real Postgres for tests: a cluster of its own in a temporary folder, on a free port.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use provider_sqldb_postgres::{Database, Settings};
use tempfile::TempDir;

pub const USER: &str = "tester";
pub const PASSWORD: &str = "correct horse";

/// Makes the cluster, starts it, says so, and stops it when its stdin ends: also when the test
/// process is killed, nothing is left behind.
const RUN: &str = r#"
set -e
umask 077
printf '%s' "$PASSWORD" > "$DIR/password"
"$BIN/initdb" --pgdata="$DIR/data" --username=tester --pwfile="$DIR/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync >"$DIR/initdb.log"
cat >>"$DIR/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
port = $PORT
unix_socket_directories = '$DIR'
fsync = off
max_connections = 50
$EXTRA
EOF
"$BIN/pg_ctl" --pgdata="$DIR/data" --log="$DIR/server.log" --wait start >"$DIR/start.log"
echo ready
cat >/dev/null || true
"$BIN/pg_ctl" --pgdata="$DIR/data" --mode=immediate stop >/dev/null 2>&1 || true
"#;

/// A running server; dropping it stops it.
pub struct Postgres {
    port: u16,
    binaries: PathBuf,
    /// Ends the server by being closed.
    stdin: Option<ChildStdin>,
    keeper: Child,
    folder: TempDir,
}

impl Postgres {
    pub fn start() -> Self {
        Self::start_with("", &[])
    }

    /// Starts a server with more lines of configuration and files beside its data.
    pub fn start_with(configuration: &str, files: &[(&str, &str)]) -> Self {
        let binaries = binaries();
        let folder = tempfile::Builder::new()
            .prefix("postgres-test-")
            .tempdir()
            .expect("a temporary folder");
        for (name, content) in files {
            private_file(&folder.path().join(name), content);
        }
        hand_over(folder.path());
        let port = free_port();
        let configuration =
            configuration.replace("$DIR", folder.path().to_str().expect("a UTF-8 path"));
        let mut keeper = as_postgres("/bin/sh")
            .args(["-c", RUN])
            .env("BIN", &binaries)
            .env("DIR", folder.path())
            .env("PORT", port.to_string())
            .env("PASSWORD", PASSWORD)
            .env("EXTRA", configuration)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let stdin = keeper.stdin.take();
        let mut line = String::new();
        let stdout = keeper.stdout.take().expect("piped");
        let read = BufReader::new(stdout).read_line(&mut line);
        if read.is_err() || line.trim() != "ready" {
            let log = std::fs::read_to_string(folder.path().join("server.log"));
            panic!("Postgres did not start: {}", log.unwrap_or_default());
        }
        Self {
            port,
            binaries,
            stdin,
            keeper,
            folder,
        }
    }

    /// The link config of this server, with changes.
    pub fn config(&self, changes: &[(&str, &str)]) -> HashMap<String, String> {
        let port = self.port.to_string();
        let config = [
            ("POSTGRES_HOST", "127.0.0.1"),
            ("POSTGRES_PORT", &port),
            ("POSTGRES_USERNAME", USER),
            ("POSTGRES_PASSWORD", PASSWORD),
            ("POSTGRES_DATABASE", "postgres"),
            // A busy machine may take longer than production would allow.
            ("POSTGRES_CONNECT_TIMEOUT_MS", "10000"),
            ("POSTGRES_POOL_WAIT_TIMEOUT_MS", "10000"),
        ];
        let config = config.iter().chain(changes);
        config
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect()
    }

    pub fn settings(&self, changes: &[(&str, &str)]) -> Settings {
        Settings::of_link(&self.config(changes), &HashMap::new(), &HashMap::new())
            .expect("valid settings")
    }

    pub fn database(&self, changes: &[(&str, &str)]) -> Database {
        Database::new(self.settings(changes)).expect("a pool")
    }

    /// Stops the server as an operator would; connections are cut, the data stays.
    pub fn stop(&self) {
        self.control(&["--mode=fast", "--wait", "stop"]);
    }

    /// Starts it again, on the same port.
    pub fn start_again(&self) {
        let log = format!("--log={}", self.folder.path().join("server.log").display());
        self.control(&[&log, "--wait", "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        let status = as_postgres(self.binaries.join("pg_ctl"))
            .arg(format!(
                "--pgdata={}",
                self.folder.path().join("data").display()
            ))
            .args(arguments)
            .stdout(Stdio::null())
            .status()
            .expect("pg_ctl");
        assert!(status.success(), "pg_ctl {arguments:?} failed");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // The folder may only go when the server is gone.
        let _ = self.keeper.wait();
    }
}

/// Where `initdb` and `pg_ctl` are: `POSTGRES_BIN_DIR`, or Debian's newest version, or the PATH.
fn binaries() -> PathBuf {
    let named = std::env::var_os("POSTGRES_BIN_DIR").map(PathBuf::from);
    let mut debian: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    debian.sort();
    debian.reverse();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let candidates = named
        .into_iter()
        .chain(debian)
        .chain(std::env::split_paths(&path));
    candidates
        .into_iter()
        .find(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
        .expect("these tests need a Postgres server: install Debian's package `postgresql`, or set POSTGRES_BIN_DIR to the folder of initdb and pg_ctl")
}

/// Postgres refuses to run as root; root therefore runs it as the user `postgres`.
fn as_postgres(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.args([
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "--",
        ]);
        command.arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

/// A file that only its owner may read, as Postgres wants its keys to be.
fn private_file(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, content).expect("a file");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).expect("its owner's");
}

fn hand_over(folder: &Path) {
    if is_root() {
        let status = Command::new("chown")
            .args(["-R", "postgres:postgres"])
            .arg(folder)
            .status()
            .expect("chown");
        assert!(
            status.success(),
            "the user postgres is missing: install Debian's package `postgresql`"
        );
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
