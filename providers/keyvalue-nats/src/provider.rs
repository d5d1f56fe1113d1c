//! The provider as the lattice sees it: links in, calls in, answers out.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use provider_kit::{Calls, LinkKey};
use tracing::{info, instrument};
use wasmcloud_provider_sdk::{
    Context, HealthCheckRequest, HealthCheckResponse, LinkConfig, LinkDeleteInfo, Provider,
    ProviderInitConfig,
    anyhow::{self, Context as _},
    get_connection, initialize_observability, propagate_trace_for_ctx, run_provider,
};

use crate::bindings::exports::wrpc::keyvalue::{atomics, batch, store};
use crate::bindings::serve;
use crate::bucket::Bucket;
use crate::error::KeyValueError;
use crate::jetstream::JetStream;
use crate::links::Links;
use crate::settings::Settings;

const NAME: &str = "keyvalue-nats";
/// Provider config: another NATS server than the lattice's.
const NATS_URL: &str = "NATS_URL";
/// How long calls in progress may take to finish once the host asks the provider to stop.
const DRAIN: Duration = Duration::from_secs(5);

type Answer<T> = anyhow::Result<Result<T, store::Error>>;

/// The capability provider: shares its links and calls between clones.
#[derive(Clone, Debug, Default)]
pub struct KeyValueProvider {
    links: Links,
    calls: Calls,
    /// Set by `NATS_URL`, or with the first link from the lattice's connection.
    jetstream: Arc<OnceLock<JetStream>>,
}

impl KeyValueProvider {
    /// Serves the lattice that the host names on stdin, until the host says stop.
    ///
    /// # Errors
    /// When the host's data is unusable, the lattice cannot be reached, or `NATS_URL` is malformed.
    pub async fn run() -> anyhow::Result<()> {
        initialize_observability!(NAME, None::<std::path::PathBuf>);
        let provider = Self::default();
        let shutdown = run_provider(provider.clone(), NAME).await?;
        let connection = get_connection();
        provider_kit::ask_for_links(connection);
        let wrpc = connection
            .get_wrpc_client(connection.provider_key())
            .await?;
        let calls = provider.calls.clone();
        let invocations = serve(&wrpc, provider).await?;
        calls.serve(invocations, shutdown).await;
        Ok(())
    }

    /// JetStream; the lattice's connection exists before the first link comes.
    fn jetstream(&self) -> &JetStream {
        self.jetstream
            .get_or_init(|| JetStream::new(get_connection().nats.as_ref().clone()))
    }

    fn bucket(&self, context: Option<&Context>, name: &str) -> Result<Arc<Bucket>, KeyValueError> {
        self.links.bucket(&LinkKey::of_call(context), name)
    }
}

impl Provider for KeyValueProvider {
    async fn init(&self, init: impl ProviderInitConfig) -> anyhow::Result<()> {
        let url = init.get_config().get(NATS_URL).map(|url| url.trim());
        if let Some(url) = url.filter(|url| !url.is_empty()) {
            // The URL may hold a password, so it is not repeated.
            let jetstream = JetStream::connect(url)
                .await
                .context("NATS_URL cannot be used")?;
            self.jetstream.get_or_init(|| jetstream);
        }
        Ok(())
    }

    #[instrument(level = "debug", skip_all, fields(source_id = link.source_id, link_name = link.link_name))]
    async fn receive_link_config_as_target(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let key = LinkKey::new(link.source_id, link.link_name);
        let settings = Settings::of_link(link.config);
        // An error keeps the SDK from remembering the link, so that a corrected one is let through.
        self.links
            .put(key.clone(), self.jetstream(), settings)
            .with_context(|| format!("link {key}"))
    }

    async fn delete_link_as_target(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = LinkKey::new(link.get_source_id(), link.get_link_name());
        self.links.remove(&key);
        info!(%key, "link deleted, its buckets are kept");
        Ok(())
    }

    async fn health_request(&self, _: &HealthCheckRequest) -> anyhow::Result<HealthCheckResponse> {
        Ok(self.links.health(self.jetstream.get()).await)
    }

    /// Lets the calls in progress finish; the host ends the process when this returns.
    async fn shutdown(&self) -> anyhow::Result<()> {
        self.calls.finish(DRAIN).await;
        self.links.close();
        Ok(())
    }
}

impl store::Handler<Option<Context>> for KeyValueProvider {
    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn get(
        &self,
        context: Option<Context>,
        bucket: String,
        key: String,
    ) -> Answer<Option<Bytes>> {
        propagate_trace_for_ctx!(context);
        let outcome = async { self.bucket(context.as_ref(), &bucket)?.get(&key).await };
        answer(outcome.await)
    }

    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn set(
        &self,
        context: Option<Context>,
        bucket: String,
        key: String,
        value: Bytes,
    ) -> Answer<()> {
        propagate_trace_for_ctx!(context);
        let outcome = async {
            self.bucket(context.as_ref(), &bucket)?
                .set(&key, value)
                .await
        };
        answer(outcome.await)
    }

    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn delete(&self, context: Option<Context>, bucket: String, key: String) -> Answer<()> {
        propagate_trace_for_ctx!(context);
        let outcome = async { self.bucket(context.as_ref(), &bucket)?.delete(&key).await };
        answer(outcome.await)
    }

    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn exists(&self, context: Option<Context>, bucket: String, key: String) -> Answer<bool> {
        propagate_trace_for_ctx!(context);
        let outcome = async { self.bucket(context.as_ref(), &bucket)?.exists(&key).await };
        answer(outcome.await)
    }

    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn list_keys(
        &self,
        context: Option<Context>,
        bucket: String,
        cursor: Option<u64>,
    ) -> Answer<store::KeyResponse> {
        propagate_trace_for_ctx!(context);
        let outcome = async { self.bucket(context.as_ref(), &bucket)?.keys(cursor).await };
        answer(outcome.await.map(|page| store::KeyResponse {
            keys: page.keys,
            cursor: page.cursor,
        }))
    }
}

impl atomics::Handler<Option<Context>> for KeyValueProvider {
    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn increment(
        &self,
        context: Option<Context>,
        bucket: String,
        key: String,
        delta: u64,
    ) -> Answer<u64> {
        propagate_trace_for_ctx!(context);
        let outcome = async {
            let bucket = self.bucket(context.as_ref(), &bucket)?;
            bucket.increment(&key, delta).await
        };
        answer(outcome.await)
    }
}

impl batch::Handler<Option<Context>> for KeyValueProvider {
    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn get_many(
        &self,
        context: Option<Context>,
        bucket: String,
        keys: Vec<String>,
    ) -> Answer<Vec<Option<(String, Bytes)>>> {
        propagate_trace_for_ctx!(context);
        let outcome = async { self.bucket(context.as_ref(), &bucket)?.get_many(keys).await };
        answer(outcome.await)
    }

    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn set_many(
        &self,
        context: Option<Context>,
        bucket: String,
        pairs: Vec<(String, Bytes)>,
    ) -> Answer<()> {
        propagate_trace_for_ctx!(context);
        let outcome = async {
            self.bucket(context.as_ref(), &bucket)?
                .set_many(pairs)
                .await
        };
        answer(outcome.await)
    }

    #[instrument(level = "debug", skip_all, fields(bucket))]
    async fn delete_many(
        &self,
        context: Option<Context>,
        bucket: String,
        keys: Vec<String>,
    ) -> Answer<()> {
        propagate_trace_for_ctx!(context);
        let outcome = async {
            self.bucket(context.as_ref(), &bucket)?
                .delete_many(keys)
                .await
        };
        answer(outcome.await)
    }
}

fn answer<T>(outcome: Result<T, KeyValueError>) -> Answer<T> {
    Ok(outcome.map_err(store::Error::from))
}
