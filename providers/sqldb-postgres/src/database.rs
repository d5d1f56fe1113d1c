//! A link's database: runs statements on pooled connections, and repeats only what certainly did
//! not happen.

use std::time::Duration;

use deadpool_postgres::{Client, Pool};
use futures::TryStreamExt as _;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{RowStream, Statement};

use crate::column;
use crate::failure::{Failure, state};
use crate::parameter;
use crate::pool::{PoolSetupError, pool};
use crate::settings::{BATCH_POOL_SIZE, POOL_SIZE, Settings};
use crate::statement::refuse_session_statement;
use crate::types::{PgValue, ResultRow};

/// Prepared statements that a connection keeps. Components send a fixed set of statements; one that
/// makes them up as it goes must not fill the server's memory.
const MAX_CACHED_STATEMENTS: usize = 500;
/// How much longer than the server's own limit an answer may take before the connection counts as lost.
const ANSWER_GRACE: Duration = Duration::from_secs(2);
/// How long the database may take to answer a health check, connecting included.
const PING_TIMEOUT: Duration = Duration::from_secs(1);

/// One database as one link reaches it.
#[derive(Debug)]
pub struct Database {
    settings: Settings,
    /// Connections for statements.
    pool: Pool,
    /// Connections for calls with several statements, which would otherwise wait behind a crowd of single ones.
    batches: Pool,
    /// A connection apart, so that a busy pool does not look like a dead database.
    probe: Pool,
}

/// Why an attempt at a statement gave nothing.
pub(crate) enum Setback {
    /// The call has failed.
    Failed(Failure),
    /// The statement certainly did not run; with a fresh start it may.
    NotRun(Failure),
}

impl From<Failure> for Setback {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Database {
    /// Prepares the pools. Nothing is connected yet, so an unreachable database is no error here.
    ///
    /// # Errors
    /// When TLS is required and cannot be set up.
    pub fn new(settings: Settings) -> Result<Self, PoolSetupError> {
        Ok(Self {
            pool: pool(&settings, settings.pool_size)?,
            batches: pool(&settings, settings.batch_pool_size)?,
            probe: pool(&settings, 1)?,
            settings,
        })
    }

    /// The settings that this database was made from.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs one statement and returns its rows, in a transaction of its own.
    ///
    /// # Errors
    /// See [`Failure`]. After `08006` with an unknown outcome the statement may have taken effect.
    pub async fn query(&self, sql: &str, values: &[PgValue]) -> Result<Vec<ResultRow>, Failure> {
        refuse_session_statement(sql)?;
        let (rows, _) = self.run(sql, values).await?;
        Ok(rows)
    }

    /// Runs one statement and returns the number of rows that it affected.
    ///
    /// # Errors
    /// Like [`query`](Self::query).
    pub async fn execute(&self, sql: &str, values: &[PgValue]) -> Result<u64, Failure> {
        refuse_session_statement(sql)?;
        let (_, affected) = self.run(sql, values).await?;
        Ok(affected)
    }

    /// Lets the server parse a statement and check its names and types, without running it.
    ///
    /// # Errors
    /// Like [`query`](Self::query), never with an unknown outcome.
    pub async fn prepare(&self, sql: &str) -> Result<(), Failure> {
        refuse_session_statement(sql)?;
        let attempt = async || {
            let client = self.connection().await?;
            self.statement(&client, sql).await.map(drop)
        };
        match attempt().await {
            Err(Setback::NotRun(_)) => attempt().await,
            outcome => outcome,
        }
        .map_err(Setback::into_failure)
    }

    /// Runs several statements without parameters. A batch may leave a transaction, settings or locks
    /// behind, so its connection is closed afterwards instead of going back to the pool.
    ///
    /// # Errors
    /// Like [`query`](Self::query).
    pub async fn batch(&self, sql: &str) -> Result<(), Failure> {
        let client = Client::take(self.connection().await?);
        match self.in_time(client.batch_execute(sql)).await {
            Some(Ok(())) => Ok(()),
            Some(Err(error)) => Err(Failure::of_statement(&error)),
            None => Err(no_answer()),
        }
    }

    /// Asks the database for a sign of life, within a second.
    ///
    /// # Errors
    /// `08006` or what the server says, for example about the password.
    pub async fn ping(&self) -> Result<(), Failure> {
        let address = self.settings.address();
        let ask = async {
            // A probe that died since the last time is found out only by asking; then a fresh one counts.
            for _ in 0..2 {
                let client = self.connection_of(&self.probe, 1, POOL_SIZE).await?;
                match client.simple_query("select 1").await {
                    Ok(_) => return Ok(()),
                    Err(_) => drop(Client::take(client)),
                }
            }
            Err(Failure::unreachable(&address, "it closes its connections"))
        };
        match timeout(PING_TIMEOUT, ask).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::unreachable(&address, "no answer within a second")),
        }
    }

    /// Closes the pools: idle connections at once, others when their statement is done.
    pub fn close(&self) {
        self.pool.close();
        self.batches.close();
        self.probe.close();
    }

    async fn run(&self, sql: &str, values: &[PgValue]) -> Result<(Vec<ResultRow>, u64), Failure> {
        match self.attempt(sql, values).await {
            Err(Setback::NotRun(_)) => self.attempt(sql, values).await,
            outcome => outcome,
        }
        .map_err(Setback::into_failure)
    }

    /// One attempt. Up to the moment when the statement is handed to the connection, a lost
    /// connection means that it did not run; from then on only the server's own word counts.
    async fn attempt(
        &self,
        sql: &str,
        values: &[PgValue],
    ) -> Result<(Vec<ResultRow>, u64), Setback> {
        let client = self.connection().await?;
        let statement = self.statement(&client, sql).await?;
        column::ensure_readable(&statement)?;
        let parameters = parameter::encode_all(statement.params(), values)?;
        if client.is_closed() {
            return Err(Setback::NotRun(self.lost()));
        }
        let stream = match self.in_time(client.query_raw(&statement, parameters)).await {
            Some(Ok(stream)) => stream,
            Some(Err(error)) if is_stale(&error) => {
                self.forget(sql);
                return Err(Setback::NotRun(Failure::of_statement(&error)));
            }
            Some(Err(error)) if was_terminated(&error) => {
                drop(Client::take(client));
                return Err(Setback::NotRun(Failure::of_statement(&error)));
            }
            Some(Err(error)) => return Err(Failure::of_statement(&error).into()),
            None => return Err(give_up(client)),
        };
        match self.in_time(rows_of(stream)).await {
            // The server has undone it, so that another transaction could go on.
            Some(Err(failure)) if failure.state() == state::DEADLOCK => {
                Err(Setback::NotRun(failure))
            }
            Some(outcome) => outcome.map_err(Setback::Failed),
            None => Err(give_up(client)),
        }
    }

    async fn connection(&self) -> Result<Client, Failure> {
        self.connection_of(&self.pool, self.settings.pool_size, POOL_SIZE)
            .await
    }

    /// A connection for several statements.
    pub(crate) async fn connection_for_several(&self) -> Result<Client, Failure> {
        let size = self.settings.batch_pool_size;
        self.connection_of(&self.batches, size, BATCH_POOL_SIZE)
            .await
    }

    async fn connection_of(
        &self,
        pool: &Pool,
        size: usize,
        setting: &str,
    ) -> Result<Client, Failure> {
        pool.get()
            .await
            .map_err(|error| Failure::of_pool(&error, &self.settings.address(), size, setting))
    }

    /// The statement, prepared on this connection now or before.
    pub(crate) async fn statement(&self, client: &Client, sql: &str) -> Result<Statement, Setback> {
        if client.statement_cache.size() >= MAX_CACHED_STATEMENTS {
            client.statement_cache.clear();
        }
        match self.in_time(client.prepare_cached(sql)).await {
            Some(Ok(statement)) => Ok(statement),
            // Preparing runs nothing, so whatever a dead connection says it can be tried again.
            Some(Err(_)) if client.is_closed() => Err(Setback::NotRun(self.lost())),
            Some(Err(error)) => Err(Failure::of_statement(&error).into()),
            None => Err(Setback::NotRun(self.lost())),
        }
    }

    /// Waits a little longer than the server lets a statement run; `None` when even that passed.
    pub(crate) async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        let limit = self.settings.statement_timeout;
        if limit.is_zero() {
            return Some(answer.await);
        }
        timeout(limit + ANSWER_GRACE, answer).await.ok()
    }

    /// Has a statement prepared anew, on every connection.
    pub(crate) fn forget(&self, sql: &str) {
        for pool in [&self.pool, &self.batches] {
            pool.manager().statement_caches.remove(sql, &[]);
        }
    }

    pub(crate) fn lost(&self) -> Failure {
        Failure::unreachable(
            &self.settings.address(),
            "the connection was lost before the statement was sent",
        )
    }
}

impl Setback {
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Failed(failure) | Self::NotRun(failure) => failure,
        }
    }
}

pub(crate) async fn rows_of(stream: RowStream) -> Result<(Vec<ResultRow>, u64), Failure> {
    let mut stream = std::pin::pin!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream
        .try_next()
        .await
        .map_err(|error| Failure::of_statement(&error))?
    {
        rows.push(column::row_of(&row)?);
    }
    Ok((rows, stream.rows_affected().unwrap_or(0)))
}

/// Closes a connection whose answer did not come: whatever still arrives on it belongs to nobody.
fn give_up(client: Client) -> Setback {
    drop(Client::take(client));
    no_answer().into()
}

/// Whether the server ended the session instead of taking the statement's parameters. Its answers
/// come in order, so the statement cannot have run.
pub(crate) fn was_terminated(error: &tokio_postgres::Error) -> bool {
    error.code() == Some(&SqlState::ADMIN_SHUTDOWN)
}

/// Whether the server refused the prepared statement before running it: because its result type has
/// changed since (`cached plan must not change result type`), or because it no longer knows it.
pub(crate) fn is_stale(error: &tokio_postgres::Error) -> bool {
    let Some(error) = error.as_db_error() else {
        return false;
    };
    match *error.code() {
        SqlState::FEATURE_NOT_SUPPORTED => error.routine() == Some("RevalidateCachedQuery"),
        SqlState::INVALID_SQL_STATEMENT_NAME => true,
        _ => false,
    }
}

pub(crate) fn no_answer() -> Failure {
    Failure::unknown_outcome("the database did not answer in time")
}
