//! The provider as the host sees it: links come and go, health is asked for.

use std::collections::HashMap;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use jetstream_kit::{Connection, Settings, init_observability};
use provider_kit::Health;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;
use tracing::{error, info};
use wasmcloud_provider_sdk::{
    HealthCheckRequest, HealthCheckResponse, LinkConfig, LinkDeleteInfo, Provider, get_connection,
    load_host_data, run_provider,
};

use crate::component::Component;
use crate::config::CronConfig;
use crate::ledger::key;
use crate::ticker::Ticker;

const NAME: &str = "cron";

/// The bucket of the ledger when the provider's configuration names none.
const BUCKET: &str = "cron";

/// How long invocations that are under way may take when a link or the provider goes. It exceeds what a
/// host waits for a provider by default, so that the host's own limit decides.
const STOP_DEADLINE: Duration = Duration::from_secs(15);

/// Runs the provider until its host stops it.
///
/// # Errors
/// When the host's data cannot be read or its lattice not be reached at the start.
pub async fn run() -> anyhow::Result<()> {
    // The SDK's error quotes the data, secrets and all.
    let host = load_host_data().map_err(|_| anyhow!("the host's data cannot be read"))?;
    let _flush = init_observability(NAME, host)?;
    let shutdown = run_provider(CronProvider::new(&host.config), NAME)
        .await
        .context("the provider cannot run")?;
    provider_kit::ask_for_links(get_connection());
    shutdown.await;
    Ok(())
}

/// The provider; its tickers by ledger key. The SDK keeps one link per component, so it is no help here.
struct CronProvider {
    connection: Connection,
    bucket: String,
    health: Health,
    tickers: Mutex<HashMap<String, Ticker>>,
    /// Tickers whose link is gone and that finish an invocation.
    stopping: TaskTracker,
}

impl CronProvider {
    fn new(config: &HashMap<String, String>) -> Self {
        let settings = Settings::from(config);
        Self {
            connection: Connection::new(settings.get("NATS_URL").map(str::to_owned)),
            bucket: settings.get("bucket").unwrap_or(BUCKET).to_owned(),
            health: Health::default(),
            tickers: Mutex::default(),
            stopping: TaskTracker::new(),
        }
    }

    async fn put(&self, component: &str, key: String, config: CronConfig) -> anyhow::Result<()> {
        let mut tickers = self.tickers.lock().await;
        if tickers
            .get(&key)
            .is_some_and(|ticker| *ticker.config() == config)
        {
            return Ok(());
        }
        let jetstream = self.connection.jetstream().await?;
        let component = Component::new(component, config.timeout).await?;
        if let Some(old) = tickers.remove(&key) {
            // An invocation that is under way must not overlap with the new ticker's first.
            old.stop(STOP_DEADLINE).await;
        }
        info!(schedule = key, "scheduled");
        let ticker = Ticker::start(
            key.clone(),
            config,
            &self.bucket,
            &jetstream,
            component,
            &self.health,
        );
        tickers.insert(key, ticker);
        Ok(())
    }
}

impl Provider for CronProvider {
    async fn receive_link_config_as_source(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let key = key(link.target_id, link.link_name);
        let part = format!("link {key}");
        let outcome = match CronConfig::from_link(link.config) {
            Ok(config) => self.put(link.target_id, key, config).await,
            Err(error) => Err(error.into()),
        };
        self.health.record(&part, &outcome);
        if let Err(error) = &outcome {
            error!(part, %error, "a link cannot be used");
        }
        outcome
    }

    async fn delete_link_as_source(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = key(link.get_target_id(), link.get_link_name());
        self.health.remove(&format!("link {key}"));
        if let Some(ticker) = self.tickers.lock().await.remove(&key) {
            // In the background: the host's next command must not wait for a slow component.
            self.stopping.spawn(ticker.stop(STOP_DEADLINE));
        }
        Ok(())
    }

    async fn health_request(&self, _: &HealthCheckRequest) -> anyhow::Result<HealthCheckResponse> {
        Ok(self.health.response())
    }

    async fn shutdown(&self) -> anyhow::Result<()> {
        for (_, ticker) in self.tickers.lock().await.drain() {
            self.stopping.spawn(ticker.stop(STOP_DEADLINE));
        }
        self.stopping.close();
        self.stopping.wait().await;
        Ok(())
    }
}
