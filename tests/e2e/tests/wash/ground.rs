//! What the lattices of these trials stand on: Postgres, NATS and the Stripe double, as `up --servers` runs them, and
//! the folders of an operator.
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::{Endpoints, Process, repository, tool};
use tokio::process::Command;

use crate::program::Program;

/// A first start: the databases are created.
const START: Duration = Duration::from_secs(120);

/// Running servers. All that works with their folder ends with them.
pub struct Ground {
    folder: tempfile::TempDir,
    _servers: Program,
    pub endpoints: Endpoints,
}

impl Ground {
    /// Starts the servers.
    pub async fn prepare() -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("ticketing-wash-")
            .tempdir()?;
        // Postgres runs as another user when the suite runs as root, and has to pass through.
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
        // The name and the depth that the components' wasmcloud.toml expect.
        let data = folder.path().join(".data");
        let mut up = Command::new(tool());
        up.args(["up", "--servers", "--port", "0", "--data-dir"])
            .arg(&data)
            .env("STRIPE_WEBHOOK_SECRET", e2e::WEBHOOK_SECRET)
            .current_dir(repository());
        let servers = Program::start(up, folder.path(), "up")?;
        servers.says("ready: ", 0, START).await;
        let endpoints = Endpoints::read(&data)?;
        Ok(Self {
            folder,
            _servers: servers,
            endpoints,
        })
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join(".data")
    }

    /// `127.0.0.1:<port>` of what listens there, by its name in the data folder.
    pub fn address(&self, name: &str) -> Result<String> {
        let ports: BTreeMap<String, u16> =
            serde_json::from_slice(&fs::read(self.data().join("ports.json"))?)?;
        let port = ports
            .get(name)
            .with_context(|| format!("no port of {name}"))?;
        Ok(format!("127.0.0.1:{port}"))
    }

    /// The variables that `up --servers` has written for `wash` and those whom it starts.
    pub fn variables(&self) -> Result<Vec<(String, String)>> {
        let text = fs::read_to_string(self.data().join("wash.env"))?;
        let lines = text.lines().filter_map(|line| {
            let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
            Some((name.to_owned(), value.trim_matches('\'').to_owned()))
        });
        Ok(lines.collect())
    }

    /// The checkout's manifest with the places of this machine, as an operator would edit it, beside what it names.
    pub fn manifest(&self) -> Result<PathBuf> {
        let text = fs::read_to_string(repository().join("wadm.yaml"))?;
        let folder = self.folder().join("checkout");
        fs::create_dir_all(&folder)?;
        for group in ["components", "providers"] {
            std::os::unix::fs::symlink(repository().join(group), folder.join(group))?;
        }
        let path = folder.join("wadm.yaml");
        fs::write(&path, self.adapt(text)?)?;
        Ok(path)
    }

    /// Puts this machine's places into a manifest.
    pub fn adapt(&self, mut text: String) -> Result<String> {
        for (address, name) in [
            ("127.0.0.1:8000", "ingress"),
            ("127.0.0.1:8101", "auth"),
            ("127.0.0.1:8102", "tickets"),
            ("127.0.0.1:8103", "orders"),
            ("127.0.0.1:8104", "payments"),
            ("127.0.0.1:8105", "expiration"),
            ("127.0.0.1:8106", "client"),
        ] {
            text = text.replace(address, &self.address(name)?);
        }
        let stripe = self.endpoints.stripe.as_deref().context("no double")?;
        Ok(text.replace("https://api.stripe.com", stripe))
    }

    /// Does what docs/operations.md has an operator do before the deployment.
    pub async fn migrate_and_configure(&self) -> Result<()> {
        let secrets: serde_json::Value =
            serde_json::from_slice(&fs::read(self.data().join("secrets.json"))?)?;
        let key = secrets["stripe_secret_key"].as_str().unwrap_or_default();
        let database = self.endpoints.postgres.as_deref().context("no Postgres")?;
        for command in ["migrate", "configure"] {
            let output = Command::new(tool())
                .arg(command)
                .arg("--data-dir")
                .arg(self.data())
                .current_dir(repository())
                .env("DATABASE_URL", database)
                .env("NATS_URL", format!("nats://{}", self.endpoints.nats))
                .env("STRIPE_SECRET_KEY", key)
                .env("STRIPE_WEBHOOK_SECRET", e2e::WEBHOOK_SECRET)
                .output()
                .await?;
            anyhow::ensure!(
                output.status.success(),
                "ticketing {command}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        for process in Process::working_with(self.folder()) {
            process.kill();
        }
    }
}
