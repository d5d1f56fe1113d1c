//! A real nats-server with JetStream for integration tests, one per test, on a free port and with its own files.
//! It can be killed and started again on the same port with the same files.
#![forbid(unsafe_code)]

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jetstream_kit::JetStream;
use tempfile::TempDir;

/// How long a test waits for anything before it fails.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// Waits until `condition` yields a value; panics with `what` after [`DEADLINE`].
pub async fn eventually<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(Instant::now() < deadline, "not within {DEADLINE:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A nats-server process with JetStream; killed when dropped.
#[derive(Debug)]
pub struct NatsServer {
    child: Option<Child>,
    port: u16,
    files: TempDir,
}

impl NatsServer {
    /// Starts a server: the binary is `$NATS_SERVER_BIN`, else `nats-server` on the path.
    ///
    /// # Panics
    /// When there is no such binary, or it does not answer in time.
    pub async fn start() -> Self {
        let mut server = Self {
            child: None,
            port: free_port(),
            files: tempfile::tempdir().expect("a temporary folder"),
        };
        server.restart().await;
        server
    }

    /// The address that clients connect to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The folder of its files.
    #[must_use]
    pub fn files(&self) -> &Path {
        self.files.path()
    }

    /// A new connection.
    ///
    /// # Panics
    /// When the server is down.
    pub async fn connect(&self) -> JetStream {
        async_nats::connect(self.url())
            .await
            .expect("the test's nats-server answers")
            .into()
    }

    /// Kills the server as a crash would; its files stay.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Either may fail only when the process has ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts the server again after [`kill`](Self::kill), with its files and port.
    ///
    /// # Panics
    /// When it does not answer in time.
    pub async fn restart(&mut self) {
        self.kill();
        let binary = std::env::var("NATS_SERVER_BIN").unwrap_or_else(|_| "nats-server".into());
        let child = Command::new(&binary)
            .args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string()])
            .arg("-sd")
            .arg(self.files.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("these tests need a nats-server: set NATS_SERVER_BIN or put it on the path ({binary}: {error})")
            });
        self.child = Some(child);
        let url = self.url();
        eventually("the nats-server answers", async || {
            let client = async_nats::connect(&url).await.ok()?;
            let context = async_nats::jetstream::new(client);
            context.query_account().await.ok()
        })
        .await;
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}
