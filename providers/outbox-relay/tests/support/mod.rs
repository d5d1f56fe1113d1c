//! A real Postgres with an outbox table, owned by the test: a cluster of its own on a free port.

use std::future::poll_fn;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jetstream_testing::eventually;
use provider_outbox_relay::RelayConfig;
use tempfile::TempDir;
use tokio_postgres::{AsyncMessage, Client, NoTls};

const OUTBOX: &str = include_str!("outbox.sql");

/// A Postgres process; killed when dropped.
pub struct Postgres {
    server: Option<Child>,
    port: u16,
    files: TempDir,
}

impl Postgres {
    /// Starts a server with an outbox table in the database `postgres`.
    pub async fn start() -> Self {
        let files = tempfile::tempdir().expect("a temporary folder");
        if is_root() {
            let status = Command::new("chown")
                .arg("postgres")
                .arg(files.path())
                .status();
            assert!(
                status.is_ok_and(|s| s.success()),
                "the user postgres exists"
            );
        }
        let status = as_postgres("initdb")
            .args([
                "--auth=trust",
                "--no-sync",
                "--username=postgres",
                "--pgdata",
            ])
            .arg(files.path().join("data"))
            .stdout(Stdio::null())
            .status();
        assert!(status.is_ok_and(|s| s.success()), "initdb succeeds");
        let mut postgres = Self {
            server: None,
            port: free_port(),
            files,
        };
        postgres.restart().await;
        postgres.client().await.batch_execute(OUTBOX).await.unwrap();
        postgres
    }

    /// Starts the server again after [`kill`](Self::kill).
    pub async fn restart(&mut self) {
        self.kill();
        let server = as_postgres("postgres")
            .arg("-D")
            .arg(self.files.path().join("data"))
            .args([
                "-p",
                &self.port.to_string(),
                "-c",
                "listen_addresses=127.0.0.1",
            ])
            .args(["-c", "unix_socket_directories=", "-c", "fsync=off"])
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("postgres starts");
        self.server = Some(server);
        eventually("Postgres answers", async || {
            tokio_postgres::connect(&self.url(), NoTls)
                .await
                .ok()
                .map(drop)
        })
        .await;
    }

    /// Ends the server at once; connections are cut, its files stay.
    pub fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            // SIGQUIT, "immediate shutdown": the server's children end with it.
            let _ = Command::new("kill")
                .args(["-QUIT", &server.id().to_string()])
                .status();
            let _ = server.wait();
        }
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A connection for the test itself.
    pub async fn client(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// A connection that listens on `channel`, and how often it was notified.
    pub async fn listener(&self, channel: &str) -> (Client, Arc<AtomicUsize>) {
        let (client, mut connection) = tokio_postgres::connect(&self.url(), NoTls).await.unwrap();
        let notified = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&notified);
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if matches!(message, AsyncMessage::Notification(_)) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let listen = format!("listen {channel}");
        client.batch_execute(&listen).await.unwrap();
        (client, notified)
    }

    /// A relay's configuration for this database as the outbox of "tickets", with more `pairs`.
    pub fn config(&self, pairs: &[(&str, &str)]) -> RelayConfig {
        let url = self.url();
        let mut values = vec![("sources", "tickets"), ("TICKETS_OUTBOX_URL", &url)];
        values.extend(pairs);
        RelayConfig::from_provider(
            &values
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        )
        .unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits until the outbox is empty.
pub async fn emptied(client: &Client) {
    eventually("the outbox is empty", async || {
        (rows(client).await == 0).then_some(())
    })
    .await;
}

/// How many rows are in the outbox.
pub async fn rows(client: &Client) -> i64 {
    client
        .query_one("select count(*) from outbox", &[])
        .await
        .unwrap()
        .get(0)
}

/// Inserts `count` events of `kind`.
pub async fn insert(client: &Client, kind: &str, count: i32) {
    client
        .execute(
            "insert into outbox (type, subject, data)
             select $1, 't' || n, jsonb_build_object('n', n) from generate_series(1, $2) n",
            &[&kind, &count],
        )
        .await
        .unwrap();
}

/// The server's binaries refuse to run as root, so root becomes the user postgres.
fn as_postgres(binary: &str) -> Command {
    let binary = binaries().join(binary);
    if is_root() {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=postgres", "--regid=postgres", "--init-groups"])
            .arg(binary);
        command
    } else {
        Command::new(binary)
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Where `initdb` and `postgres` are: `$POSTGRES_BIN_DIR`, or the newest that Debian's packages installed.
fn binaries() -> PathBuf {
    if let Some(folder) = std::env::var_os("POSTGRES_BIN_DIR") {
        return folder.into();
    }
    let versions = std::fs::read_dir(Path::new("/usr/lib/postgresql"));
    versions
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .max()
        .expect("these tests need Postgres: install it or set POSTGRES_BIN_DIR")
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
