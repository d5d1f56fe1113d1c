//! The provider as the host sees it: links come and go, health is asked for, components publish.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use jetstream_kit::{Connection, Settings, init_observability};
use provider_kit::{Health, LinkKey};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;
use tracing::{error, info};
use wasmcloud_provider_sdk::{
    Context, HealthCheckRequest, HealthCheckResponse, LinkConfig, LinkDeleteInfo, Provider,
    get_connection, load_host_data, run_provider, serve_provider_exports,
};

use crate::batch::Batches;
use crate::bindings::exports::wasmcloud::messaging::consumer;
use crate::bindings::serve;
use crate::bindings::wasmcloud::messaging::types::BrokerMessage;
use crate::component::Component;
use crate::config::{FeedConfig, Interface};
use crate::feed::Feed;
use crate::publisher::{Publisher, without_reply};

const NAME: &str = "messaging-jetstream";

/// How long messages in flight may take when a link or the provider goes. It exceeds what a host waits
/// for a provider by default, so that the host's own limit decides.
const DRAIN_DEADLINE: Duration = Duration::from_secs(15);

/// Runs the provider until its host stops it.
///
/// # Errors
/// When the host's data cannot be read or its lattice not be reached at the start.
pub async fn run() -> anyhow::Result<()> {
    // The SDK's error quotes the data, secrets and all.
    let host = load_host_data().map_err(|_| anyhow!("the host's data cannot be read"))?;
    let _flush = init_observability(NAME, host)?;
    let provider = MessagingProvider::new(&host.config);
    let shutdown = run_provider(provider.clone(), NAME)
        .await
        .context("the provider cannot run")?;
    let connection = get_connection();
    provider_kit::ask_for_links(connection);
    let client = connection
        .get_wrpc_client(connection.provider_key())
        .await
        .context("the lattice cannot be used")?;
    serve_provider_exports(&client, provider, shutdown, serve)
        .await
        .context("the interface cannot be served")
}

/// The provider; clones share everything.
#[derive(Clone)]
struct MessagingProvider {
    connection: Arc<Connection>,
    health: Health,
    feeds: Arc<Mutex<HashMap<LinkKey, Feed>>>,
    /// Feeds whose link is gone and that settle what they still have in flight.
    draining: TaskTracker,
}

impl MessagingProvider {
    fn new(config: &HashMap<String, String>) -> Self {
        let url = Settings::from(config).get("NATS_URL").map(str::to_owned);
        Self {
            connection: Arc::new(Connection::new(url)),
            health: Health::default(),
            feeds: Arc::default(),
            draining: TaskTracker::new(),
        }
    }

    async fn put(&self, key: LinkKey, config: FeedConfig) -> anyhow::Result<()> {
        let mut feeds = self.feeds.lock().await;
        if feeds.get(&key).is_some_and(|feed| *feed.config() == config) {
            return Ok(());
        }
        let jetstream = self.connection.jetstream().await?;
        let component = Component::new(&key.component, config.handler_timeout).await?;
        if let Some(old) = feeds.remove(&key) {
            // Both would report under the same name: the old one has to end first.
            old.drain(DRAIN_DEADLINE).await;
        }
        info!(link = %key, consumer = config.consumer, "feeding");
        let name = key.to_string();
        let feed = match config.batches {
            None => Feed::start(&name, config, jetstream, component, &self.health),
            Some(rules) => {
                let batches = Batches::start(component, rules);
                Feed::start(&name, config, jetstream, batches, &self.health)
            }
        };
        feeds.insert(key, feed);
        Ok(())
    }

    async fn publisher(&self) -> Result<Publisher, String> {
        let jetstream = self
            .connection
            .jetstream()
            .await
            .map_err(|error| error.to_string())?;
        Ok(Publisher::new(
            jetstream,
            Arc::clone(&get_connection().lattice),
        ))
    }
}

impl Provider for MessagingProvider {
    async fn receive_link_config_as_source(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let key = LinkKey::new(link.target_id, link.link_name);
        let part = key.part();
        let (namespace, ..) = link.wit_metadata;
        let interface = Interface::of_link(namespace);
        let outcome = match FeedConfig::from_link(interface, link.config) {
            Ok(config) => self.put(key, config).await,
            Err(error) => Err(error.into()),
        };
        self.health.record(&part, &outcome);
        if let Err(error) = &outcome {
            error!(part, %error, "a link cannot be used");
        }
        outcome
    }

    async fn delete_link_as_source(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = LinkKey::new(link.get_target_id(), link.get_link_name());
        self.health.remove(&key.part());
        if let Some(feed) = self.feeds.lock().await.remove(&key) {
            // In the background: the host's next command must not wait for a slow handler.
            self.draining.spawn(feed.drain(DRAIN_DEADLINE));
        }
        Ok(())
    }

    async fn health_request(&self, _: &HealthCheckRequest) -> anyhow::Result<HealthCheckResponse> {
        Ok(self.health.response())
    }

    async fn shutdown(&self) -> anyhow::Result<()> {
        for (_, feed) in self.feeds.lock().await.drain() {
            self.draining.spawn(feed.drain(DRAIN_DEADLINE));
        }
        self.draining.close();
        self.draining.wait().await;
        Ok(())
    }
}

impl consumer::Handler<Option<Context>> for MessagingProvider {
    async fn publish(
        &self,
        _: Option<Context>,
        message: BrokerMessage,
    ) -> anyhow::Result<Result<(), String>> {
        let publish = async {
            let (subject, body) = without_reply(message)?;
            self.publisher().await?.publish(subject, body).await
        };
        Ok(publish.await)
    }

    async fn request(
        &self,
        _: Option<Context>,
        subject: String,
        body: Bytes,
        timeout_ms: u32,
    ) -> anyhow::Result<Result<BrokerMessage, String>> {
        let request = async {
            let timeout = Duration::from_millis(timeout_ms.into());
            let (subject, body) = self
                .publisher()
                .await?
                .request(subject, body, timeout)
                .await?;
            Ok(BrokerMessage {
                subject,
                body,
                reply_to: None,
            })
        };
        Ok(request.await)
    }
}
