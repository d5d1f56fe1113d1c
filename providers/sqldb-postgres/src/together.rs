//! Several statements as one transaction: one commit, and one wait for the disk, instead of many.
//!
//! Whoever sent them asked for each of them by itself. So it is tried together first, and where anything fails that has left
//! no trace, it is as if nobody had tried.

use std::iter::{once, zip};
use std::pin::pin;

use deadpool_postgres::Client;
use futures::TryStreamExt as _;
use tokio_postgres::Error;

use crate::batch::{Answer, Query, Ready, send};
use crate::column;
use crate::database::{Database, Setback, is_stale, no_answer};
use crate::failure::Failure;
use crate::types::ResultRow;

/// The rows of a statement, or why they cannot be read.
type Rows = Result<Vec<ResultRow>, Failure>;

/// What became of a transaction.
pub(crate) enum Together {
    /// It is committed; what each statement gave.
    Committed(Vec<Rows>),
    /// It has left no trace.
    Undone,
    /// There is no connection for it, or nobody knows whether it was committed.
    Failed(Failure),
}

const BEGIN: &str = "begin";
const COMMIT: &str = "commit";

/// How the SQLSTATEs begin with which a server ends a session.
const OPERATOR_INTERVENTION: &str = "57P";

/// What became of one of its steps.
enum Step {
    Done(Rows),
    /// The server says that it failed, and whether it has ended the session.
    Failed {
        is_ended: bool,
    },
    /// No word from the server.
    Silence,
}

impl Database {
    /// Runs statements on one connection as one transaction.
    pub(crate) async fn together(&self, queries: &[Query<'_>]) -> Together {
        let client = match self.connection_for_several().await {
            Ok(client) => client,
            Err(failure) => return Together::Failed(failure),
        };
        let mut all = vec![self.control(&client, BEGIN).await];
        for query in queries {
            all.push(self.make_ready(&client, query).await);
        }
        all.push(self.control(&client, COMMIT).await);
        let Ok(all) = all.into_iter().collect::<Result<Vec<_>, _>>() else {
            return Together::Undone;
        };
        if client.is_closed() {
            return Together::Undone;
        }
        let mut sent = Vec::with_capacity(all.len());
        for one in all {
            sent.push(send(&client, one).await);
        }
        let (outcome, is_reusable) = self.outcome(queries, sent).await;
        if !is_reusable {
            drop(Client::take(client));
        }
        outcome
    }

    /// A statement of the transaction itself, which nobody else may send.
    async fn control(&self, client: &Client, sql: &str) -> Result<Ready, Setback> {
        let statement = self.statement(client, sql).await?;
        Ok(Ready {
            statement,
            parameters: Vec::new(),
        })
    }

    /// Takes in all answers, and whether the connection can be used again.
    async fn outcome(&self, queries: &[Query<'_>], sent: Vec<Answer<'_>>) -> (Together, bool) {
        let texts = once(BEGIN)
            .chain(queries.iter().map(|(sql, _)| *sql))
            .chain(once(COMMIT));
        let last = sent.len().saturating_sub(1);
        let mut rows = Vec::with_capacity(sent.len());
        let mut has_failed = false;
        for (place, (answer, sql)) in zip(sent, texts).enumerate() {
            match self.step(answer, sql).await {
                Step::Done(step) => rows.push(step),
                // Without a commit the server undoes it, as it does when it ends the session before it came to that. Ending it
                // in the middle of a commit, it may have committed.
                Step::Failed { is_ended: true } if place < last => {
                    return (Together::Undone, false);
                }
                Step::Failed { is_ended: true } if !has_failed => {
                    return (Together::Failed(no_answer()), false);
                }
                Step::Failed { .. } => has_failed = true,
                Step::Silence if has_failed => return (Together::Undone, false),
                Step::Silence => return (Together::Failed(no_answer()), false),
            }
        }
        if has_failed {
            return (Together::Undone, true);
        }
        // Without what the begin and the commit gave.
        let rows = rows.into_iter().skip(1).take(queries.len()).collect();
        (Together::Committed(rows), true)
    }

    async fn step(&self, answer: Answer<'_>, sql: &str) -> Step {
        let rows = async {
            let mut stream = pin!(answer.await?);
            let mut rows = Ok(Vec::new());
            while let Some(row) = stream.try_next().await? {
                rows = rows.and_then(|mut rows: Vec<ResultRow>| {
                    rows.push(column::row_of(&row)?);
                    Ok(rows)
                });
            }
            Ok::<Rows, Error>(rows)
        };
        match self.in_time(rows).await {
            Some(Ok(rows)) => Step::Done(rows),
            Some(Err(error)) => {
                if is_stale(&error) {
                    self.forget(sql);
                }
                error.code().map_or(Step::Silence, |state| Step::Failed {
                    is_ended: state.code().starts_with(OPERATOR_INTERVENTION),
                })
            }
            None => Step::Silence,
        }
    }
}
