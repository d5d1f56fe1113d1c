//! Several statements on one connection, sent without waiting for the answers to those before.

use std::future::ready;
use std::iter::zip;
use std::pin::Pin;
use std::task::Poll;

use deadpool_postgres::Client;
use futures::poll;
use tokio_postgres::{Error, RowStream, Statement};

use crate::column;
use crate::database::{Database, Setback, is_stale, no_answer, rows_of, was_terminated};
use crate::failure::{Failure, state};
use crate::parameter::{self, Parameter};
use crate::statement::refuse_session_statement;
use crate::together::Together;
use crate::types::{PgValue, ResultRow};

/// A statement's text and the values of its parameters.
pub type Query<'a> = (&'a str, &'a [PgValue]);

/// What became of one statement.
type Outcome = Result<Vec<ResultRow>, Setback>;

/// An answer that is on its way.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<RowStream, Error>> + Send + 'a>>;

/// A statement that can be sent.
pub(crate) struct Ready {
    pub(crate) statement: Statement,
    pub(crate) parameters: Vec<Parameter>,
}

/// What one attempt at several statements gave.
struct Attempt {
    /// An outcome for each.
    outcomes: Vec<Outcome>,
    /// Nothing from here on has run.
    ran_to: usize,
    /// Whatever still arrives on the connection belongs to nobody.
    is_lost: bool,
}

/// How the answers end, when they do not all come.
enum End {
    /// With the server's word that it has ended the session: what follows did not run.
    Terminated,
    /// In silence: nothing is known of what follows.
    Silence,
}

impl Database {
    /// Runs statements on one connection, each after the one before, and returns what each of them gave. They share a
    /// transaction where none of them fails. Where one does, each is in a transaction of its own: it changes nothing for
    /// the others.
    ///
    /// # Errors
    /// In the statement's place, like [`query`](Self::query). One that did not run although others behind it did is not
    /// tried again, since the order would be another.
    pub async fn query_all(&self, queries: &[Query<'_>]) -> Vec<Result<Vec<ResultRow>, Failure>> {
        if queries.len() > 1 {
            match self.together(queries).await {
                Together::Committed(rows) => return rows,
                Together::Failed(failure) => {
                    return queries.iter().map(|_| Err(failure.clone())).collect();
                }
                Together::Undone => {}
            }
        }
        self.one_by_one(queries).await
    }

    async fn one_by_one(&self, queries: &[Query<'_>]) -> Vec<Result<Vec<ResultRow>, Failure>> {
        let Attempt {
            mut outcomes,
            ran_to,
            ..
        } = self.attempt_all(queries).await;
        let not_run = |index: &usize| matches!(outcomes[*index], Err(Setback::NotRun(_)));
        let again: Vec<usize> = (ran_to..queries.len()).filter(not_run).collect();
        if !again.is_empty() {
            let queries: Vec<Query<'_>> = again.iter().map(|index| queries[*index]).collect();
            let second = self.attempt_all(&queries).await;
            for (index, outcome) in zip(again, second.outcomes) {
                outcomes[index] = outcome;
            }
        }
        outcomes
            .into_iter()
            .map(|outcome| outcome.map_err(Setback::into_failure))
            .collect()
    }

    /// One attempt: everything is made ready, then sent, then the answers are taken in.
    async fn attempt_all(&self, queries: &[Query<'_>]) -> Attempt {
        let client = match self.connection_for_several().await {
            Ok(client) => client,
            Err(failure) => {
                let failed = |_| Err(Setback::Failed(failure.clone()));
                return Attempt::in_vain(queries.iter().map(failed).collect());
            }
        };
        let mut all = Vec::with_capacity(queries.len());
        for query in queries {
            let one = self.make_ready(&client, query).await;
            let is_lost = matches!(one, Err(Setback::NotRun(_)));
            all.push(one);
            if is_lost {
                break;
            }
        }
        if all.len() < queries.len() || client.is_closed() {
            all.resize_with(queries.len(), || Err(Setback::NotRun(self.lost())));
            let not_sent = |one: Result<Ready, Setback>| match one {
                Ok(_) => Err(Setback::NotRun(self.lost())),
                Err(setback) => Err(setback),
            };
            return Attempt::in_vain(all.into_iter().map(not_sent).collect());
        }
        let attempt = self.send_all(&client, queries, all).await;
        if attempt.is_lost {
            drop(Client::take(client));
        }
        attempt
    }

    /// Does all that can be done for a statement before it is sent.
    pub(crate) async fn make_ready(
        &self,
        client: &Client,
        (sql, values): &Query<'_>,
    ) -> Result<Ready, Setback> {
        refuse_session_statement(sql)?;
        let statement = self.statement(client, sql).await?;
        column::ensure_readable(&statement)?;
        let parameters = parameter::encode_all(statement.params(), values)?;
        Ok(Ready {
            statement,
            parameters,
        })
    }

    async fn send_all(
        &self,
        client: &Client,
        queries: &[Query<'_>],
        all: Vec<Result<Ready, Setback>>,
    ) -> Attempt {
        let mut sent = Vec::with_capacity(all.len());
        for one in all {
            sent.push(match one {
                Ok(one) => Ok(send(client, one).await),
                Err(setback) => Err(setback),
            });
        }
        let mut outcomes = Vec::with_capacity(sent.len());
        let mut ran_to = 0;
        let mut end = None;
        for (one, (sql, _)) in zip(sent, queries) {
            outcomes.push(match (one, &end) {
                (Err(setback), _) => Err(setback),
                (Ok(_), Some(End::Terminated)) => Err(Setback::NotRun(self.lost())),
                (Ok(_), Some(End::Silence)) => {
                    ran_to = outcomes.len() + 1;
                    Err(no_answer().into())
                }
                (Ok(answer), None) => {
                    let outcome = self.take_in(answer, sql, &mut end).await;
                    if !matches!(outcome, Err(Setback::NotRun(_))) {
                        ran_to = outcomes.len() + 1;
                    }
                    outcome
                }
            });
        }
        Attempt {
            outcomes,
            ran_to,
            is_lost: end.is_some(),
        }
    }

    /// Waits for an answer and its rows. Notes when no more answers can come.
    async fn take_in(&self, answer: Answer<'_>, sql: &str, end: &mut Option<End>) -> Outcome {
        let silence = |end: &mut Option<End>| {
            *end = Some(End::Silence);
            Err(no_answer().into())
        };
        let rows = match self.in_time(answer).await {
            Some(Ok(rows)) => rows,
            Some(Err(error)) if was_terminated(&error) => {
                *end = Some(End::Terminated);
                return Err(Setback::NotRun(Failure::of_statement(&error)));
            }
            Some(Err(error)) if is_stale(&error) => {
                self.forget(sql);
                return Err(Setback::NotRun(Failure::of_statement(&error)));
            }
            Some(Err(error)) => return Err(Failure::of_statement(&error).into()),
            None => return silence(end),
        };
        match self.in_time(rows_of(rows)).await {
            Some(Ok((rows, _))) => Ok(rows),
            Some(Err(failure)) => {
                if failure.state() == state::TERMINATED {
                    *end = Some(End::Terminated);
                }
                Err(failure.into())
            }
            None => silence(end),
        }
    }
}

impl Attempt {
    /// Nothing was sent.
    fn in_vain(outcomes: Vec<Outcome>) -> Self {
        Self {
            outcomes,
            ran_to: 0,
            is_lost: false,
        }
    }
}

/// Hands a statement to the connection. That is done when its answer is first polled, and in that order statements run.
pub(crate) async fn send(client: &Client, one: Ready) -> Answer<'_> {
    let mut answer: Answer<'_> = Box::pin(async move {
        let Ready {
            statement,
            parameters,
        } = one;
        client.query_raw(&statement, parameters).await
    });
    match poll!(answer.as_mut()) {
        Poll::Ready(outcome) => Box::pin(ready(outcome)),
        Poll::Pending => answer,
    }
}
