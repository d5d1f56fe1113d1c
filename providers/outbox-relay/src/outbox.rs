//! One outbox table, over one connection of its own that also holds the lock and listens.
//!
//! The lock is the session's: it goes when the connection goes, however the relay ends.

use std::error::Error as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::poll;
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client, Connection, NoTls, Statement};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::cloud_event::Row;
use crate::config::Source;
use crate::tls::{self, TlsError};

/// How long a statement may take before the connection counts as dead.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(15);

/// The key of the advisory lock, the same for every relay; locks are per database.
const LOCK: i64 = i64::from_be_bytes(*b"\0\0outbox");

/// How long rows are gathered that come faster than they are moved.
const GATHER: Duration = Duration::from_millis(10);

/// So that the server notices within half a minute when a relay's machine is gone, and frees its lock. A deletion does not
/// wait for the disk: rows that a crash brings back are published again, as after any other stop.
const SESSION: &str = "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3; \
    set synchronous_commit = off";

const READ: &str = r#"
select seq, id::text, type, subject, data::text, traceparent,
       to_char(time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
  from outbox
 where seq <> all($2)
 order by seq
 limit $1"#;

const DELETE: &str = "delete from outbox where seq = any($1)";

/// Why the outbox cannot be used now.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutboxError {
    #[error("Postgres: {}", describe(.0))]
    Postgres(#[from] tokio_postgres::Error),
    #[error("Postgres: no answer within {STATEMENT_TIMEOUT:?}")]
    Timeout,
    #[error("Postgres: the connection was closed")]
    Closed,
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// The library's own text says only what failed ("db error", "error connecting to server"), not why.
fn describe(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(db), _) => format!("{}: {}", db.code().code(), db.message()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

/// A connected outbox.
pub(crate) struct Outbox {
    client: Client,
    read: Statement,
    delete: Statement,
    /// Set by a notification; one that comes while nobody waits is kept.
    inserted: Arc<Notify>,
    /// Cancelled when the connection is gone.
    closed: CancellationToken,
}

impl Outbox {
    /// Connects and listens.
    pub(crate) async fn connect(source: &Source) -> Result<Self, OutboxError> {
        let inserted = Arc::new(Notify::new());
        let closed = CancellationToken::new();
        let client = if tls::is_required(&source.database) {
            let (client, connection) = source.database.connect(tls::connector()?).await?;
            spawn_driver(connection, &inserted, &closed);
            client
        } else {
            let (client, connection) = source.database.connect(NoTls).await?;
            spawn_driver(connection, &inserted, &closed);
            client
        };
        in_time(client.batch_execute(SESSION)).await?;
        in_time(client.batch_execute("listen outbox")).await?;
        Ok(Self {
            read: in_time(client.prepare(READ)).await?,
            delete: in_time(client.prepare(DELETE)).await?,
            client,
            inserted,
            closed,
        })
    }

    /// Takes the lock that makes this relay the only one for this outbox; false when another has it.
    pub(crate) async fn try_lock(&self) -> Result<bool, OutboxError> {
        let row = in_time(
            self.client
                .query_one("select pg_try_advisory_lock($1)", &[&LOCK]),
        )
        .await?;
        Ok(row.try_get(0)?)
    }

    /// The first `limit` rows, in order, without those in `except`.
    pub(crate) async fn read(&self, limit: u32, except: &[i64]) -> Result<Vec<Row>, OutboxError> {
        in_time(self.client.query(&self.read, &[&i64::from(limit), &except]))
            .await?
            .iter()
            .map(|row| {
                Ok(Row {
                    seq: row.try_get(0)?,
                    id: row.try_get(1)?,
                    kind: row.try_get(2)?,
                    subject: row.try_get(3)?,
                    data: row.try_get(4)?,
                    traceparent: row.try_get(5)?,
                    time: row.try_get(6)?,
                })
            })
            .collect()
    }

    /// Deletes rows whose events are stored.
    pub(crate) async fn delete(&self, rows: &[i64]) -> Result<(), OutboxError> {
        in_time(self.client.execute(&self.delete, &[&rows])).await?;
        Ok(())
    }

    /// Waits for a notification, at most `poll`. One that came while nobody waited says that rows come faster than they
    /// are moved: with a short pause the next batch has more of them, and costs no more.
    pub(crate) async fn wait(&self, poll: Duration) -> Result<(), OutboxError> {
        let notified = async {
            let mut notified = pin!(self.inserted.notified());
            if poll!(notified.as_mut()).is_ready() {
                tokio::time::sleep(GATHER).await;
            } else {
                notified.await;
            }
        };
        tokio::select! {
            () = self.closed.cancelled() => Err(OutboxError::Closed),
            () = notified => Ok(()),
            () = tokio::time::sleep(poll) => Ok(()),
        }
    }
}

/// Drives the connection in the background until it ends, and passes notifications on.
fn spawn_driver<S, T>(
    mut connection: Connection<S, T>,
    inserted: &Arc<Notify>,
    closed: &CancellationToken,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (inserted, closed) = (Arc::clone(inserted), closed.clone().drop_guard());
    tokio::spawn(async move {
        let _closed = closed;
        loop {
            match std::future::poll_fn(|cx| connection.poll_message(cx)).await {
                Some(Ok(AsyncMessage::Notification(_))) => inserted.notify_one(),
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    debug!(error = describe(&error), "a connection to Postgres is gone");
                    return;
                }
                None => return,
            }
        }
    });
}

async fn in_time<T>(
    statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, OutboxError> {
    Ok(tokio::time::timeout(STATEMENT_TIMEOUT, statement)
        .await
        .map_err(|_| OutboxError::Timeout)??)
}
