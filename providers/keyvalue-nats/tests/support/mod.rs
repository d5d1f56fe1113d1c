//! A real NATS server for tests: its store in a temporary folder, on a free port.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use provider_keyvalue_nats::JetStream;
use tempfile::TempDir;

/// Runs the server until stdin ends: also when the test process is killed, nothing is left behind.
const RUN: &str = r#""$0" "$@" & server=$!; cat >/dev/null; kill "$server"; wait "$server""#;

/// A NATS server; dropping it stops it.
pub struct Nats {
    port: u16,
    jetstream: bool,
    keeper: Option<Child>,
    store: TempDir,
}

impl Nats {
    pub fn start() -> Self {
        Self::start_with(true)
    }

    /// A server that has no JetStream.
    pub fn start_without_jetstream() -> Self {
        Self::start_with(false)
    }

    fn start_with(jetstream: bool) -> Self {
        let mut nats = Self {
            port: 0,
            jetstream,
            keeper: None,
            store: tempfile::tempdir().expect("a temporary folder"),
        };
        nats.start_again();
        nats
    }

    /// Starts the server, on its old port if it had one, and waits until it is ready.
    pub fn start_again(&mut self) {
        let port = match self.port {
            0 => "-1".to_owned(),
            port => port.to_string(),
        };
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", RUN])
            .arg(binary())
            .args(["--addr", "127.0.0.1", "--port", &port])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        if self.jetstream {
            command
                .arg("--jetstream")
                .arg("--store_dir")
                .arg(self.store.path());
        }
        let mut keeper = command.spawn().expect("a shell");
        let mut lines = BufReader::new(keeper.stderr.take().expect("piped")).lines();
        let mut log = String::new();
        loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("the NATS server did not start: {log}");
            };
            if let Some((_, address)) = line.split_once("Listening for client connections on ") {
                let port = address
                    .trim()
                    .rsplit(':')
                    .next()
                    .and_then(|port| port.parse().ok());
                self.port = port.expect("a port");
            }
            if line.contains("Server is ready") {
                break;
            }
            log.push_str(&line);
        }
        // The server must not block on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        self.keeper = Some(keeper);
    }

    /// Stops the server; its store stays.
    pub fn stop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }

    /// A connection of its own, as one replica of the provider has it.
    pub async fn jetstream(&self) -> JetStream {
        JetStream::new(self.client().await)
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    pub async fn client(&self) -> async_nats::Client {
        async_nats::connect(self.url()).await.expect("connected")
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Where `nats-server` is: `NATS_SERVER_BIN`, or the PATH.
fn binary() -> PathBuf {
    let named = std::env::var_os("NATS_SERVER_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    named
        .into_iter()
        .chain(on_path)
        .find(|file| file.is_file())
        .expect(
            "these tests need nats-server: put it on the PATH, or its path into NATS_SERVER_BIN",
        )
}
