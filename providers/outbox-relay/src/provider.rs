//! The provider as the host sees it: it has no links, only configuration, which may change while it runs.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use jetstream_kit::{Connection, Settings, init_observability};
use provider_kit::Health;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tracing::{error, info};

use wasmcloud_provider_sdk::{
    HealthCheckRequest, HealthCheckResponse, Provider, ProviderConfigUpdate, load_host_data,
    run_provider,
};

use crate::config::RelayConfig;
use crate::relay::Relay;

const NAME: &str = "outbox-relay";

/// The part of the health report that is about the configuration.
const CONFIG_PART: &str = "config";

/// How long batches that are on their way may take when the provider stops or its configuration changes.
const STOP_DEADLINE: Duration = Duration::from_secs(10);

/// Runs the provider until its host stops it.
///
/// # Errors
/// When the host's data cannot be read or its lattice not be reached at the start.
pub async fn run() -> anyhow::Result<()> {
    // The SDK's error quotes the data, secrets and all.
    let host = load_host_data().map_err(|_| anyhow!("the host's data cannot be read"))?;
    let _flush = init_observability(NAME, host)?;
    let secrets = host
        .secrets
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), value.as_string()?.to_owned())))
        .collect();
    let provider = RelayProvider {
        inner: Arc::new(Inner {
            secrets,
            health: Health::default(),
            running: Mutex::default(),
        }),
    };
    let shutdown = run_provider(provider.clone(), NAME)
        .await
        .context("the provider cannot run")?;
    provider.configure(&host.config).await;
    shutdown.await;
    Ok(())
}

/// The provider; clones share everything.
#[derive(Clone)]
struct RelayProvider {
    inner: Arc<Inner>,
}

struct Inner {
    /// The provider's secrets; they win over configuration values of the same name.
    secrets: HashMap<String, String>,
    health: Health,
    running: Mutex<Running>,
}

/// What runs now, and with which configuration.
#[derive(Default)]
struct Running {
    values: HashMap<String, String>,
    relays: Vec<Relay>,
}

impl RelayProvider {
    /// Relays as `config` says from now on. When it cannot be used, nothing runs and the health says why.
    async fn configure(&self, config: &HashMap<String, String>) {
        let mut values = config.clone();
        values.extend(self.inner.secrets.clone());
        let mut running = self.inner.running.lock().await;
        if running.values == values {
            return;
        }
        stop(&mut running.relays).await;
        let outcome = self.start(&values).await;
        self.inner.health.record(CONFIG_PART, &outcome);
        match outcome {
            Ok(relays) => running.relays = relays,
            Err(error) => error!(%error, "the configuration cannot be used"),
        }
        running.values = values;
    }

    async fn start(&self, values: &HashMap<String, String>) -> anyhow::Result<Vec<Relay>> {
        let config = RelayConfig::from_provider(values)?;
        let url = Settings::from(values).get("NATS_URL").map(str::to_owned);
        let jetstream = Connection::new(url).jetstream().await?;
        let relay = |source: &crate::Source| {
            info!(service = source.service, "a source is configured");
            Relay::start(
                source.clone(),
                &config,
                jetstream.clone(),
                &self.inner.health,
            )
        };
        Ok(config.sources.iter().map(relay).collect())
    }
}

/// Stops all at once, so that one that hangs does not keep the others.
async fn stop(relays: &mut Vec<Relay>) {
    let stopping: JoinSet<()> = relays
        .drain(..)
        .map(|relay| relay.stop(STOP_DEADLINE))
        .collect();
    stopping.join_all().await;
}

impl Provider for RelayProvider {
    async fn on_config_update(&self, update: impl ProviderConfigUpdate) -> anyhow::Result<()> {
        self.configure(update.get_values()).await;
        Ok(())
    }

    async fn health_request(&self, _: &HealthCheckRequest) -> anyhow::Result<HealthCheckResponse> {
        Ok(self.inner.health.response())
    }

    async fn shutdown(&self) -> anyhow::Result<()> {
        stop(&mut self.inner.running.lock().await.relays).await;
        Ok(())
    }
}
