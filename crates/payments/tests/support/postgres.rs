//! A real Postgres for tests: a cluster of its own in a temporary folder, reached over a socket there.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use uuid::Uuid;

/// Makes the cluster, starts it, says so, and removes it when its stdin ends: also when the test process
/// is killed, nothing is left behind.
const RUN: &str = r#"
set -e
cd /
"$BIN/initdb" --pgdata="$DIR/data" --username=tester --auth=trust --encoding=UTF8 --locale=C --no-sync >"$DIR/log"
cat >>"$DIR/data/postgresql.conf" <<EOF
listen_addresses = ''
unix_socket_directories = '$DIR'
fsync = off
max_connections = 200
EOF
"$BIN/pg_ctl" --pgdata="$DIR/data" --log="$DIR/log" --wait start >/dev/null
echo ready
cat >/dev/null || true
"$BIN/pg_ctl" --pgdata="$DIR/data" --mode=immediate stop >/dev/null 2>&1 || true
rm -rf "$DIR"
"#;

/// The database that each test gets a copy of.
const TEMPLATE: &str = "migrated";

struct Server {
    config: String,
    /// Its stdin is what keeps the server running.
    _keeper: Child,
}

/// How to reach the server of this test process, without a database.
pub fn server() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(start).config
}

/// A new database with the service's schema.
pub fn new_database() -> String {
    static MIGRATED: OnceLock<()> = OnceLock::new();
    MIGRATED.get_or_init(|| {
        super::Client::connect("postgres").run(&format!("create database {TEMPLATE}"));
        let database = super::Client::connect(TEMPLATE);
        for migration in migrations() {
            database.run(&std::fs::read_to_string(migration).expect("a migration"));
        }
    });
    let name = format!("test_{}", Uuid::new_v4().simple());
    super::Client::connect("postgres").run(&format!("create database {name} template {TEMPLATE}"));
    name
}

fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../components/payments/migrations");
    let entries = std::fs::read_dir(folder).expect("the component's migrations");
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn start() -> Server {
    let folder = tempfile::Builder::new()
        .prefix("payments-test-")
        .tempdir()
        .expect("a folder")
        .keep();
    let root = is_root();
    if root {
        let status = Command::new("chown")
            .arg("postgres:")
            .arg(&folder)
            .status()
            .expect("chown");
        assert!(
            status.success(),
            "the user postgres is missing: install Debian's package `postgresql`"
        );
    }
    // Postgres refuses to run as root; root therefore runs it as the user `postgres`.
    let mut command = Command::new(if root { "setpriv" } else { "/bin/sh" });
    if root {
        command.args([
            "--reuid=postgres",
            "--regid=postgres",
            "--init-groups",
            "--",
            "/bin/sh",
        ]);
    }
    let mut keeper = command
        .args(["-c", RUN])
        .env("BIN", binaries())
        .env("DIR", &folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell");
    let mut line = String::new();
    let stdout = keeper.stdout.take().expect("piped");
    let read = BufReader::new(stdout).read_line(&mut line);
    assert!(
        read.is_ok() && line.trim() == "ready",
        "Postgres did not start: see {}/log",
        folder.display()
    );
    Server {
        config: format!("host={} user=tester", folder.display()),
        _keeper: keeper,
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
    named
        .into_iter()
        .chain(debian)
        .chain(std::env::split_paths(&path))
        .find(|folder| folder.join("initdb").is_file())
        .expect("these tests need a Postgres server: install Debian's package `postgresql`, or set POSTGRES_BIN_DIR")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
