//! Several statements in one call, against a real Postgres.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod support;

use provider_sqldb_postgres::types::{PgValue, ResultRow};
use provider_sqldb_postgres::{Database, Failure};
use support::Postgres;

const NONE: &[PgValue] = &[];

fn numbers(outcome: &Result<Vec<ResultRow>, Failure>) -> Result<Vec<i64>, &str> {
    let number = |row: &ResultRow| match row.first().map(|entry| &entry.value) {
        Some(PgValue::Int8(number)) => *number,
        other => panic!("no number: {other:?}"),
    };
    match outcome {
        Ok(rows) => Ok(rows.iter().map(number).collect()),
        Err(failure) => Err(failure.state()),
    }
}

async fn run(database: &Database, sql: &str) {
    database.batch(sql).await.expect(sql);
}

async fn process_id(database: &Database) -> i32 {
    let outcomes = database
        .query_all(&[("select pg_backend_pid()", NONE)])
        .await;
    match &outcomes[0].as_ref().expect("a row")[0][0].value {
        PgValue::Int4(id) => *id,
        other => panic!("no process id: {other:?}"),
    }
}

#[tokio::test]
async fn each_statement_sees_what_those_before_it_did() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    run(&database, "create table t (a bigint)").await;
    let values: Vec<[PgValue; 1]> = (0..200).map(|n| [PgValue::Int8(n)]).collect();
    let insert = "insert into t values ($1) returning (select count(*) from t)";
    let queries: Vec<_> = values.iter().map(|value| (insert, &value[..])).collect();
    let outcomes = database.query_all(&queries).await;
    for (n, outcome) in outcomes.iter().enumerate() {
        // The subquery's snapshot is that of the statement, before its own row.
        assert_eq!(numbers(outcome), Ok(vec![n as i64]));
    }
    assert_eq!(outcomes.len(), 200);
    assert!(database.query_all(&[]).await.is_empty());
}

fn texts(outcomes: &[Result<Vec<ResultRow>, Failure>]) -> Vec<String> {
    let text = |outcome: &Result<Vec<ResultRow>, Failure>| match outcome
        .as_ref()
        .map(|rows| &rows[0][0].value)
    {
        Ok(PgValue::Text(text)) => text.clone(),
        other => panic!("no text: {other:?}"),
    };
    outcomes.iter().map(text).collect()
}

#[tokio::test]
async fn all_share_a_transaction_when_none_fails() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    let transaction = ("select pg_current_xact_id()::text", NONE);
    let ids = texts(
        &database
            .query_all(&[transaction, transaction, transaction])
            .await,
    );
    assert_eq!([&ids[0], &ids[0]], [&ids[1], &ids[2]]);
    let after = texts(&database.query_all(&[transaction]).await);
    assert_ne!(ids[0], after[0], "the transaction was left open");
    // Where one fails, each has its own.
    let outcomes = database
        .query_all(&[transaction, ("select 1 / 0", NONE), transaction])
        .await;
    let ids = texts(&[outcomes[0].clone(), outcomes[2].clone()]);
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn one_whose_rows_cannot_be_read_has_run_once() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    run(&database, "create table t (a bigint)").await;
    let one = [PgValue::Int8(1)];
    let insert = "insert into t values ($1) returning array[a, null]";
    let count = "select count(*) from t";
    let outcomes = database.query_all(&[(insert, &one), (count, NONE)]).await;
    let outcomes: Vec<_> = outcomes.iter().map(numbers).collect();
    assert_eq!(outcomes, [Err("22004"), Ok(vec![1])]);
}

#[tokio::test]
async fn one_that_fails_changes_nothing_for_the_others() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    run(&database, "create table t (a bigint primary key)").await;
    let one = [PgValue::Int8(1)];
    let two = [PgValue::Int8(2)];
    let insert = "insert into t values ($1) returning a";
    let outcomes = database
        .query_all(&[
            (insert, &one),
            (insert, &one),
            ("selekt 1", NONE),
            ("begin", NONE),
            (insert, NONE),
            ("select 1::bigint / (a - 1) from t", NONE),
            (insert, &two),
            ("select a from t order by a", NONE),
        ])
        .await;
    let outcomes: Vec<_> = outcomes.iter().map(numbers).collect();
    assert_eq!(
        outcomes,
        [
            Ok(vec![1]),
            Err("23505"),
            Err("42601"),
            Err("0A000"),
            Err("07001"),
            Err("22012"),
            Ok(vec![2]),
            Ok(vec![1, 2]),
        ]
    );
    // The connection is as good as before.
    assert!(database.query("select 1", &[]).await.is_ok());
}

#[tokio::test]
async fn a_lost_connection_is_not_noticed_when_nothing_was_sent() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    let other = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    let select = ("select 1::bigint", NONE);
    assert!(database.query_all(&[select]).await[0].is_ok());
    for _ in 0..10 {
        let id = [PgValue::Int4(process_id(&database).await)];
        let end = "select pg_terminate_backend($1, 5000)";
        other.query(end, &id).await.expect("ended");
        let outcomes = database.query_all(&[select, select, select]).await;
        let outcomes: Vec<_> = outcomes.iter().map(numbers).collect();
        assert_eq!(outcomes, [Ok(vec![1]), Ok(vec![1]), Ok(vec![1])]);
    }
}

/// Ends as many sessions in which the server sleeps, one after the other.
async fn cut_sleepers(postgres: &Postgres, count: usize) {
    let other = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    let end =
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where wait_event = 'PgSleep'";
    for _ in 0..count {
        while other.query(end, &[]).await.expect("asked").is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn what_comes_after_one_that_was_cut_off_runs_on_another_connection() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    run(&database, "create table t (a bigint)").await;
    let insert = "insert into t values ($1) returning a";
    let (one, two) = ([PgValue::Int8(1)], [PgValue::Int8(2)]);
    let queries = [
        (insert, &one[..]),
        ("select a from t, pg_sleep(20)", NONE),
        (insert, &two[..]),
    ];
    // The first time all of it is one transaction, of which nothing is left.
    let cut = cut_sleepers(&postgres, 2);
    let (outcomes, ()) = tokio::join!(database.query_all(&queries), cut);
    let outcomes: Vec<_> = outcomes.iter().map(numbers).collect();
    assert_eq!(outcomes, [Ok(vec![1]), Err("57P01"), Ok(vec![2])]);
    let rows = database.query("select a from t order by a", &[]).await;
    assert_eq!(
        numbers(&rows),
        Ok(vec![1, 2]),
        "one ran twice, or not at all"
    );
}

#[tokio::test]
async fn a_commit_that_was_cut_off_is_not_tried_again() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    let slow_commit = "
        create table t (a bigint);
        create function sleep() returns trigger language plpgsql as 'begin perform pg_sleep(20); return null; end';
        create constraint trigger sleep after insert on t deferrable initially deferred
            for each row when (new.a = 1) execute function sleep()";
    run(&database, slow_commit).await;
    let insert = "insert into t values ($1) returning a";
    let (one, two) = ([PgValue::Int8(1)], [PgValue::Int8(2)]);
    let queries = [(insert, &one[..]), (insert, &two[..])];
    let cut = cut_sleepers(&postgres, 1);
    let (outcomes, ()) = tokio::join!(database.query_all(&queries), cut);
    let outcomes: Vec<_> = outcomes.iter().map(numbers).collect();
    assert_eq!(outcomes, [Err("08006"), Err("08006")]);
    let rows = database.query("select a from t", &[]).await;
    assert_eq!(numbers(&rows), Ok(vec![]), "it was tried again");
}

#[tokio::test]
async fn statements_whose_plan_became_invalid_are_prepared_anew() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    run(
        &database,
        "create table t (a bigint); insert into t values (1)",
    )
    .await;
    let all = ("select * from t", NONE);
    assert!(database.query_all(&[all]).await[0].is_ok());
    let other = postgres.database(&[]);
    run(&other, "alter table t add column b text").await;
    for outcome in database.query_all(&[all, all]).await {
        assert_eq!(outcome.expect("rows")[0].len(), 2);
    }
}

#[tokio::test]
async fn a_database_that_is_down_fails_every_statement() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    postgres.stop();
    let outcomes = database
        .query_all(&[("select 1", NONE), ("select 2", NONE)])
        .await;
    let states: Vec<_> = outcomes.iter().map(numbers).collect();
    assert_eq!(states, [Err("08006"), Err("08006")]);
}
