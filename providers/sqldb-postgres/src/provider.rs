//! The provider as the lattice sees it: links in, calls in, answers out.

use std::collections::HashMap;
use std::iter::zip;
use std::sync::Arc;
use std::time::Duration;

use provider_kit::{Calls, LinkKey};
use tracing::{Span, info, instrument};
use wasmcloud_provider_sdk::{
    Context, HealthCheckRequest, HealthCheckResponse, LinkConfig, LinkDeleteInfo, Provider,
    anyhow::{self, anyhow},
    core::secrets::SecretValue,
    get_connection, initialize_observability, load_host_data, run_provider,
};

use crate::batch::Query;
use crate::bindings::exports::ticketing::postgres::batch::{self, Statement};
use crate::bindings::exports::wasmcloud::postgres::prepared::{
    self, PreparedStatementExecError, StatementPrepareError,
};
use crate::bindings::exports::wasmcloud::postgres::query;
use crate::bindings::serve;
use crate::database::Database;
use crate::failure::Failure;
use crate::links::Links;
use crate::settings::Settings;
use crate::trace;
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
    /// The provider's own secrets, by the names that links know. `Debug` leaves the values out.
    secrets: Arc<HashMap<String, SecretValue>>,
    /// Whether the host exports traces. If not, statements have no spans, which would be for the log alone.
    traced: bool,
}

impl PostgresProvider {
    /// Serves the lattice that the host names on stdin, until the host says stop.
    ///
    /// # Errors
    /// When the host's data is unusable or the lattice cannot be reached.
    pub async fn run() -> anyhow::Result<()> {
        initialize_observability!(NAME, None::<std::path::PathBuf>);
        // The SDK's error quotes the data, secrets and all.
        let host = load_host_data().map_err(|_| anyhow!("the host's data cannot be read"))?;
        let provider = Self {
            secrets: Arc::new(host.secrets.clone()),
            traced: host.otel_config.traces_enabled(),
            ..Self::default()
        };
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

    /// The database of a call's link, and the span of what is about to happen there, in the trace `parent`.
    fn begin(
        &self,
        context: Option<&Context>,
        operation: &'static str,
        parent: Option<&str>,
    ) -> Result<(Arc<Database>, Span), Failure> {
        let database = self.links.database(&LinkKey::of_call(context))?;
        let span = self.span(&database, context, operation, parent);
        Ok((database, span))
    }

    fn span(
        &self,
        database: &Database,
        context: Option<&Context>,
        operation: &'static str,
        parent: Option<&str>,
    ) -> Span {
        // A host that exports spans of its own names one of them.
        let of_host = || context?.tracing.get("traceparent").map(String::as_str);
        let parent = self.traced.then(|| parent.or_else(of_host)).flatten();
        trace::span(operation, &database.settings().database, parent)
    }
}

impl Provider for PostgresProvider {
    #[instrument(level = "debug", skip_all, fields(source_id = link.source_id, link_name = link.link_name))]
    async fn receive_link_config_as_target(&self, link: LinkConfig<'_>) -> anyhow::Result<()> {
        let key = LinkKey::new(link.source_id, link.link_name);
        let settings = Settings::of_link(link.config, link.secrets, &self.secrets);
        // An error keeps the SDK from remembering the link, so that a corrected one is let through.
        let (namespace, ..) = link.wit_metadata;
        self.links
            .put(key.clone(), namespace, settings)
            .map_err(|reason| anyhow!("link {key}: {reason}"))
    }

    async fn delete_link_as_target(&self, link: impl LinkDeleteInfo) -> anyhow::Result<()> {
        let key = LinkKey::new(link.get_source_id(), link.get_link_name());
        self.links.remove(&key);
        info!(%key, "link deleted");
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
        let (statement, parent) = trace::take_off(&query);
        let outcome = async {
            let (database, span) = self.begin(context.as_ref(), "query", parent)?;
            trace::within(span, database.query(statement, &params)).await
        };
        Ok(outcome.await.map_err(QueryError::from))
    }

    #[instrument(level = "debug", skip_all)]
    async fn query_batch(
        &self,
        context: Option<Context>,
        query: String,
    ) -> anyhow::Result<Result<(), QueryError>> {
        let outcome = async {
            let (database, span) = self.begin(context.as_ref(), "batch", None)?;
            trace::within(span, database.batch(&query)).await
        };
        Ok(outcome.await.map_err(QueryError::from))
    }
}

impl batch::Handler<Option<Context>> for PostgresProvider {
    #[instrument(level = "debug", skip_all)]
    async fn query_all(
        &self,
        context: Option<Context>,
        statements: Vec<Statement>,
    ) -> anyhow::Result<Vec<Result<Vec<ResultRow>, QueryError>>> {
        let database = match self.links.database(&LinkKey::of_call(context.as_ref())) {
            Ok(database) => database,
            Err(failure) => {
                let failed = |_| Err(failure.clone().into());
                return Ok(statements.iter().map(failed).collect());
            }
        };
        let mut queries: Vec<Query<'_>> = Vec::with_capacity(statements.len());
        let mut spans = Vec::with_capacity(statements.len());
        for Statement { sql, params } in &statements {
            let (sql, parent) = trace::take_off(sql);
            queries.push((sql, params));
            spans.push(self.span(&database, context.as_ref(), "query", parent));
        }
        let outcomes = database.query_all(&queries).await;
        Ok(zip(outcomes, spans)
            .map(|(outcome, span)| {
                trace::note(&span, &outcome);
                outcome.map_err(QueryError::from)
            })
            .collect())
    }
}

impl prepared::Handler<Option<Context>> for PostgresProvider {
    #[instrument(level = "debug", skip_all)]
    async fn prepare(
        &self,
        context: Option<Context>,
        statement: String,
    ) -> anyhow::Result<Result<String, StatementPrepareError>> {
        // The token is the statement, which is prepared for all traces.
        let (statement, parent) = trace::take_off(&statement);
        let outcome = async {
            let (database, span) = self.begin(context.as_ref(), "prepare", parent)?;
            trace::within(span, database.prepare(statement)).await
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
        let Some(statement) = token.strip_prefix(TOKEN_PREFIX) else {
            return Ok(Err(PreparedStatementExecError::UnknownPreparedQuery));
        };
        let outcome = async {
            let (database, span) = self.begin(context.as_ref(), "exec", None)?;
            trace::within(span, database.execute(statement, &params)).await
        };
        Ok(outcome.await.map_err(PreparedStatementExecError::from))
    }
}
