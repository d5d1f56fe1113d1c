//! The provider as the lattice sees it: calls in, answers out. Links have nothing to say.

use std::time::Duration;

use provider_kit::Calls;
use tracing::{info, instrument};
use wasmcloud_provider_sdk::{
    Context, Provider,
    anyhow::{self, Context as _, anyhow},
    get_connection, initialize_observability, load_host_data, run_provider,
};
use zeroize::Zeroizing;

use crate::bindings::exports::ticketing::password::hasher;
use crate::bindings::serve;
use crate::error::HashError;
use crate::pool::Pool;
use crate::settings::Settings;
use crate::stored::Stored;

const NAME: &str = "password-argon2";
/// How long calls in progress may take to finish once the host asks the provider to stop.
const DRAIN: Duration = Duration::from_secs(5);

/// The capability provider: shares its threads and calls between clones.
#[derive(Clone, Debug)]
pub struct PasswordProvider {
    pool: Pool,
    calls: Calls,
}

impl PasswordProvider {
    /// Serves the lattice that the host names on stdin, until the host says stop.
    ///
    /// # Errors
    /// When the host's data or the provider's config is unusable, or the lattice cannot be reached.
    pub async fn run() -> anyhow::Result<()> {
        initialize_observability!(NAME, None::<std::path::PathBuf>);
        // The SDK's error quotes the data.
        let host = load_host_data().map_err(|_| anyhow!("the host's data cannot be read"))?;
        let settings = Settings::of_provider(&host.config)?;
        let provider = Self {
            pool: Pool::start(settings).context("no threads to compute with")?,
            calls: Calls::default(),
        };
        let shutdown = run_provider(provider.clone(), NAME).await?;
        let connection = get_connection();
        let wrpc = connection
            .get_wrpc_client(connection.provider_key())
            .await?;
        let calls = provider.calls.clone();
        let invocations = serve(&wrpc, provider).await?;
        info!(
            workers = settings.workers,
            queue = settings.queue,
            "passwords can be hashed"
        );
        calls.serve(invocations, shutdown).await;
        Ok(())
    }

    async fn hash(&self, password: String) -> Result<String, HashError> {
        let password = Zeroizing::new(password);
        self.pool
            .run(move |memory| crate::hash(&password, memory))
            .await
    }

    async fn verify(&self, password: String, phc: Option<String>) -> Result<bool, HashError> {
        let password = Zeroizing::new(password);
        // What is no hash waits in no queue.
        let stored = match &phc {
            Some(phc) => Stored::parse(phc)?,
            None => Stored::nobodys()?,
        };
        let same = self
            .pool
            .run(move |memory| crate::verify(&password, &stored, memory))
            .await?;
        Ok(same && phc.is_some())
    }
}

impl Provider for PasswordProvider {
    /// Lets the calls in progress finish; the host ends the process when this returns.
    async fn shutdown(&self) -> anyhow::Result<()> {
        self.calls.finish(DRAIN).await;
        Ok(())
    }
}

impl hasher::Handler<Option<Context>> for PasswordProvider {
    #[instrument(level = "debug", skip_all)]
    async fn hash(
        &self,
        _: Option<Context>,
        password: String,
    ) -> anyhow::Result<Result<String, hasher::Error>> {
        Ok(self.hash(password).await.map_err(hasher::Error::from))
    }

    #[instrument(level = "debug", skip_all)]
    async fn verify(
        &self,
        _: Option<Context>,
        password: String,
        hash: Option<String>,
    ) -> anyhow::Result<Result<bool, hasher::Error>> {
        Ok(self
            .verify(password, hash)
            .await
            .map_err(hasher::Error::from))
    }
}
