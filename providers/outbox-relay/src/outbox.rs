//! One outbox table, over one connection of its own that also holds the lock and listens.
//!
//! The lock is the session's: it goes when the connection goes, however the relay ends.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use tokio::sync::Notify;
use tokio_postgres::error::SqlState;
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

/// The key of the lock that a relay has while it looks by itself: whoever inserts rows then need not notify it. Migrations
/// of the services name it, too.
const AWAKE: i64 = i64::from_be_bytes(*b"\0\0\0awake");

/// How long a relay waits for writers who believe it to be asleep. It goes on being notified where one of them takes longer.
const STIRRING: Duration = Duration::from_millis(50);

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

    /// Tells writers that they need not notify from now on, since this relay looks by itself. False when it takes one of
    /// them too long to end.
    pub(crate) async fn stay_awake(&self) -> Result<bool, OutboxError> {
        let wait = STIRRING.as_millis();
        // Waiting for the lock keeps writers that come later from sharing it, so this ends when those before have ended.
        let lock = format!(
            "begin; set local lock_timeout = {wait}; select pg_advisory_lock({AWAKE}); commit"
        );
        match in_time(self.client.batch_execute(&lock)).await {
            Ok(()) => Ok(true),
            Err(OutboxError::Postgres(error))
                if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) =>
            {
                in_time(self.client.batch_execute("rollback")).await?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Has writers notify again. One that has not committed yet may still believe that it need not.
    pub(crate) async fn fall_asleep(&self) -> Result<(), OutboxError> {
        // What came before this relay was awake says nothing any more.
        let _ = self.inserted.notified().now_or_never();
        let unlock = self
            .client
            .execute("select pg_advisory_unlock($1)", &[&AWAKE]);
        in_time(unlock).await?;
        Ok(())
    }

    /// Waits for a notification, at most `time`. True when one had come before: rows come faster than they are moved.
    pub(crate) async fn wait(&self, time: Duration) -> Result<bool, OutboxError> {
        if self.inserted.notified().now_or_never().is_some() {
            return Ok(true);
        }
        tokio::select! {
            () = self.inserted.notified() => {}
            paused = self.pause(time) => paused?,
        }
        Ok(false)
    }

    /// Waits for `time`.
    pub(crate) async fn pause(&self, time: Duration) -> Result<(), OutboxError> {
        tokio::select! {
            () = self.closed.cancelled() => Err(OutboxError::Closed),
            () = tokio::time::sleep(time) => Ok(()),
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

#[cfg(test)]
mod tests {
    use super::AWAKE;

    #[test]
    fn those_who_write_ask_for_the_lock_that_the_relay_has() {
        for migration in [
            include_str!("../../../components/expiration/migrations/V2__notify_who_sleeps.sql"),
            include_str!("../../../components/orders/migrations/V5__notify_who_sleeps.sql"),
            include_str!("../../../components/payments/migrations/V7__notify_who_sleeps.sql"),
            include_str!("../../../components/tickets/migrations/V5__notify_who_sleeps.sql"),
            include_str!("../tests/support/outbox.sql"),
        ] {
            let asked = format!("pg_try_advisory_xact_lock_shared({AWAKE})");
            assert!(migration.contains(&asked), "{migration}");
        }
    }
}
