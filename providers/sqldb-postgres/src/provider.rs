//! The provider as the lattice sees it: links in, calls in, answers out.

use std::time::Duration;

use provider_kit::{Calls, LinkKey};
use tracing::{info, instrument};
use wasmcloud_provider_sdk::{
    Context, HealthCheckRequest, HealthCheckResponse, LinkConfig, LinkDeleteInfo, Provider,
    anyhow::{self, anyhow},
    get_connection, initialize_observability, propagate_trace_for_ctx, run_provider,
};

use crate::bindings::exports::wasmcloud::postgres::prepared::{
    self, PreparedStatementExecError, StatementPrepareError,
};
use crate::bindings::exports::wasmcloud::postgres::query;
use crate::bindings::serve;
use crate::failure::Failure;
use crate::links::Links;
use crate::settings::Settings;
use crate::types::{PgValue, QueryError, ResultRow};

const NAME: &str = "sqldb-postgres";
/// How long calls in progress may take to finish once the host asks the provider to stop.
const DRAIN: Duration = Duration::from_secs(5);
/// Begins every token of a prepared statement; the statement's text follows. So a token needs no
/// memory here and works with every replica of the provider, also after a restart.
const TOKEN_PREFIX: &str = "statement:";

/// The capability provider: shares its links and calls between clones.
#[derive(Clone, Debug, Default)]
pub struct PostgresProvider {
    links: Links,
    calls: Calls,
}

impl PostgresProvider {
    /// Serves the lattice that the host names on stdin, until the host says stop.
    ///
    /// # Errors
    /// When the host's data is unusable or the lattice cannot be reached.
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
}

impl Provider for PostgresProvider {
    #[instrument(level = "debug", skip_all, fields(source_id = link.source_id, link_name = link.link_name))]
    async fn receive_link_config_as_target(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let key = LinkKey::new(link.source_id, link.link_name);
        let settings = Settings::of_link(link.config, link.secrets);
        // An error keeps the SDK from remembering the link, so that a corrected one is let through.
        self.links
            .put(key.clone(), settings)
            .map_err(|reason| anyhow!("link {key}: {reason}"))
    }

    async fn delete_link_as_target(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = LinkKey::new(link.get_source_id(), link.get_link_name());
        self.links.remove(&key);
        info!(%key, "link deleted, its connections are closed");
        Ok(())
    }

    async fn health_request(&self, _: &HealthCheckRequest) -> anyhow::Result<HealthCheckResponse> {
        Ok(self.links.health().await)
    }

    /// Lets the calls in progress finish; the host ends the process when this returns.
    async fn shutdown(&self) -> anyhow::Result<()> {
        self.calls.finish(DRAIN).await;
        self.links.close();
        Ok(())
    }
}

impl query::Handler<Option<Context>> for PostgresProvider {
    #[instrument(level = "debug", skip_all)]
    async fn query(
        &self,
        context: Option<Context>,
        query: String,
        params: Vec<PgValue>,
    ) -> anyhow::Result<Result<Vec<ResultRow>, QueryError>> {
        propagate_trace_for_ctx!(context);
        let outcome = async {
            let database = self.links.database(&LinkKey::of_call(context.as_ref()))?;
            database.query(&query, &params).await
        };
        Ok(outcome.await.map_err(QueryError::from))
    }

    #[instrument(level = "debug", skip_all)]
    async fn query_batch(
        &self,
        context: Option<Context>,
        query: String,
    ) -> anyhow::Result<Result<(), QueryError>> {
        propagate_trace_for_ctx!(context);
        let outcome = async {
            let database = self.links.database(&LinkKey::of_call(context.as_ref()))?;
            database.batch(&query).await
        };
        Ok(outcome.await.map_err(QueryError::from))
    }
}

impl prepared::Handler<Option<Context>> for PostgresProvider {
    #[instrument(level = "debug", skip_all)]
    async fn prepare(
        &self,
        context: Option<Context>,
        statement: String,
    ) -> anyhow::Result<Result<String, StatementPrepareError>> {
        propagate_trace_for_ctx!(context);
        let outcome = async {
            let database = self.links.database(&LinkKey::of_call(context.as_ref()))?;
            database.prepare(&statement).await
        };
        let outcome: Result<(), Failure> = outcome.await;
        Ok(outcome
            .map(|()| format!("{TOKEN_PREFIX}{statement}"))
            .map_err(StatementPrepareError::from))
    }

    #[instrument(level = "debug", skip_all)]
    async fn exec(
        &self,
        context: Option<Context>,
        token: String,
        params: Vec<PgValue>,
    ) -> anyhow::Result<Result<u64, PreparedStatementExecError>> {
        propagate_trace_for_ctx!(context);
        let Some(statement) = token.strip_prefix(TOKEN_PREFIX) else {
            return Ok(Err(PreparedStatementExecError::UnknownPreparedQuery));
        };
        let outcome = async {
            let database = self.links.database(&LinkKey::of_call(context.as_ref()))?;
            database.execute(statement, &params).await
        };
        Ok(outcome.await.map_err(PreparedStatementExecError::from))
    }
}
