//! Statements, values and errors against a real Postgres.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod support;

use std::sync::Arc;
use std::time::Duration;

use provider_sqldb_postgres::types::{
    Date, Offset, PgValue, ResultRow, Time, Timestamp, TimestampTz,
};
use provider_sqldb_postgres::{Database, Failure, Fault};
use support::Postgres;

fn text(text: &str) -> PgValue {
    PgValue::Text(text.into())
}

/// Values have no equality of their own; their debug form is exact.
fn shown(value: &PgValue) -> String {
    format!("{value:?}")
}

fn values(row: &ResultRow) -> Vec<String> {
    row.iter().map(|entry| shown(&entry.value)).collect()
}

async fn one(database: &Database, sql: &str, parameters: &[PgValue]) -> PgValue {
    let rows = database.query(sql, parameters).await.expect(sql);
    assert_eq!(rows.len(), 1, "{sql}");
    let mut row = rows.into_iter().next().expect("one row");
    assert_eq!(row.len(), 1, "{sql}");
    row.pop().expect("one column").value
}

async fn failure(database: &Database, sql: &str, parameters: &[PgValue]) -> Failure {
    match database.query(sql, parameters).await {
        Ok(rows) => panic!("{sql} gave {} rows", rows.len()),
        Err(failure) => failure,
    }
}

#[tokio::test]
async fn values_of_every_type_come_back_as_they_went() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    let time = || Time {
        hour: 23,
        min: 59,
        sec: 58,
        micro: 123_456,
    };
    let timestamp = |date| Timestamp { date, time: time() };
    let at = |date| TimestampTz {
        timestamp: timestamp(date),
        offset: Offset::EasternHemisphereSecs(0),
    };
    let id = "0191d9a8-6b1e-7c3e-9c1d-0123456789ab";
    let cases = [
        ("bool", PgValue::Bool(true)),
        ("int2", PgValue::Int2(i16::MIN)),
        ("int4", PgValue::Int4(i32::MAX)),
        ("int8", PgValue::Int8(i64::MIN)),
        ("float4", PgValue::Float4((12_582_912, -23, -1))),
        ("float8", PgValue::Float8((4_503_599_627_370_497, -52, 1))),
        (
            "numeric",
            PgValue::Numeric("-123456789012345678901234567890.000000000100".into()),
        ),
        ("numeric", PgValue::Numeric("NaN".into())),
        ("text", text("grün 🎫")),
        ("varchar", PgValue::Varchar((None, "abc".into()))),
        ("char(3)", PgValue::Char((3, "ab ".into()))),
        ("name", PgValue::Name("orders".into())),
        ("bytea", PgValue::Bytea(vec![0, 255, 7].into())),
        ("uuid", PgValue::Uuid(id.into())),
        ("date", PgValue::Date(Date::Ymd((2024, 2, 29)))),
        ("date", PgValue::Date(Date::Ymd((-4711, 1, 1)))),
        ("date", PgValue::Date(Date::PositiveInfinity)),
        ("time", PgValue::Time(time())),
        (
            "timestamp",
            PgValue::Timestamp(timestamp(Date::Ymd((1999, 12, 31)))),
        ),
        (
            "timestamptz",
            PgValue::TimestampTz(at(Date::Ymd((294_276, 12, 31)))),
        ),
        ("json", PgValue::Json("{\"a\" : 1}".into())),
        ("jsonb", PgValue::Jsonb("{\"a\": [1, null]}".into())),
        ("bool[]", PgValue::BoolArray(vec![true, false])),
        ("int4[]", PgValue::Int4Array(vec![1, -2])),
        ("int8[]", PgValue::Int8Array(vec![])),
        ("text[]", PgValue::TextArray(vec!["a,b".into(), "".into()])),
        ("uuid[]", PgValue::UuidArray(vec![id.into()])),
        ("jsonb[]", PgValue::JsonbArray(vec!["{}".into()])),
        (
            "timestamptz[]",
            PgValue::TimestampTzArray(vec![at(Date::Ymd((2030, 1, 2)))]),
        ),
        ("numeric[]", PgValue::NumericArray(vec!["0.10".into()])),
    ];
    for (ty, value) in cases {
        let back = one(
            &database,
            &format!("select $1::{ty}"),
            std::slice::from_ref(&value),
        )
        .await;
        assert_eq!(shown(&back), shown(&value), "{ty}");
    }
    let null = one(&database, "select $1::uuid", &[PgValue::Null]).await;
    assert!(matches!(null, PgValue::Null));
}

#[tokio::test]
async fn what_the_server_means_is_what_the_component_gets() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    let day = one(&database, "select date '2024-02-29' - 1", &[]).await;
    assert_eq!(shown(&day), shown(&PgValue::Date(Date::Ymd((2024, 2, 28)))));
    let number = one(&database, "select 10000::numeric / 8", &[]).await;
    assert_eq!(
        shown(&number),
        shown(&PgValue::Numeric("1250.0000000000000000".into()))
    );
    let third = one(
        &database,
        "select ($1::float8 * 2)::text",
        &[PgValue::Float8((6_755_399_441_055_744, -52, 1))],
    )
    .await;
    assert_eq!(shown(&third), shown(&text("3")));
    let instant = one(
        &database,
        "select ($1::timestamptz = timestamptz '2030-01-02 03:04:05+02')",
        &[text("2030-01-02T01:04:05Z")],
    )
    .await;
    assert!(matches!(instant, PgValue::Bool(true)));
}

#[tokio::test]
async fn enums_and_domains_are_read_and_bound_as_what_they_are_made_of() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    database
        .batch(
            "create type status as enum ('created', 'complete');
             create domain email as text check (value like '%@%');
             create domain cents as bigint check (value > 0);
             create table orders (id int primary key, status status, buyer email, price cents)",
        )
        .await
        .expect("a schema");
    let inserted = database
        .execute(
            "insert into orders values ($1, $2, $3, $4)",
            &[
                PgValue::Int8(1),
                text("complete"),
                text("a@b.c"),
                PgValue::Int4(500),
            ],
        )
        .await;
    assert_eq!(inserted, Ok(1));
    let rows = database
        .query(
            "select status, buyer, price, array[status] from orders",
            &[],
        )
        .await
        .expect("rows");
    assert_eq!(
        values(&rows[0]),
        [
            shown(&text("complete")),
            shown(&text("a@b.c")),
            shown(&PgValue::Int8(500)),
            shown(&PgValue::TextArray(vec!["complete".into()])),
        ]
    );
    let unknown = failure(
        &database,
        "select 1 from orders where status = $1",
        &[text("teapot")],
    )
    .await;
    assert_eq!(unknown.state(), "22P02");
    assert!(!unknown.to_string().contains("teapot"), "{unknown}");
}

#[tokio::test]
async fn a_column_that_cannot_be_carried_is_named_before_the_statement_runs() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    database
        .batch("create table waits (length interval)")
        .await
        .expect("a table");
    let failure = failure(
        &database,
        "insert into waits values ('1 day') returning length",
        &[],
    )
    .await;
    assert_eq!(failure.state(), "0A000");
    let message = failure.to_string();
    assert!(
        message.contains("\"length\"") && message.contains("interval"),
        "{message}"
    );
    let count = one(&database, "select count(*) from waits", &[]).await;
    assert!(matches!(count, PgValue::Int8(0)));
}

#[tokio::test]
async fn errors_begin_with_the_sqlstate_and_tell_no_values() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    database
        .batch("create table users (email text constraint users_email_key unique not null)")
        .await
        .expect("a table");
    let insert = "insert into users values ($1)";
    assert_eq!(database.execute(insert, &[text("me@home")]).await, Ok(1));

    let duplicate = failure(&database, insert, &[text("me@home")]).await;
    assert_eq!(duplicate.fault(), Fault::Other);
    let message = duplicate.to_string();
    assert!(message.starts_with("23505: duplicate key"), "{message}");
    assert!(
        message.ends_with("(constraint \"users_email_key\")"),
        "{message}"
    );
    assert!(!message.contains("me@home"), "{message}");

    let missing = failure(&database, insert, &[PgValue::Null]).await;
    assert_eq!(missing.state(), "23502");
    assert!(missing.to_string().contains("(column \"email\")"));

    let syntax = failure(&database, "selekt 1", &[]).await;
    assert_eq!(
        (syntax.state(), syntax.fault()),
        ("42601", Fault::Statement)
    );

    let data = failure(&database, "select $1::text::int", &[text("s3cret")]).await;
    assert_eq!((data.state(), data.fault()), ("22P02", Fault::Parameters));
    assert!(!data.to_string().contains("s3cret"), "{data}");

    let range = failure(&database, "select $1::int4", &[PgValue::Int8(1 << 40)]).await;
    assert_eq!((range.state(), range.fault()), ("22003", Fault::Parameters));
    assert!(range.to_string().contains("$1"));
}

#[tokio::test]
async fn a_statement_that_runs_too_long_is_stopped_by_the_server() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_STATEMENT_TIMEOUT_MS", "200")]);
    let failure = failure(&database, "select pg_sleep(30)::text", &[]).await;
    assert_eq!(failure.state(), "57014");
    let fine = one(&database, "select 1", &[]).await;
    assert!(matches!(fine, PgValue::Int4(1)));
}

#[tokio::test]
async fn a_statement_whose_plan_became_invalid_is_prepared_anew() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_POOL_SIZE", "3")]);
    database
        .batch("create table t (a int); insert into t values (1)")
        .await
        .expect("a table");
    let everything = "select * from t";
    // All three connections have the old plan.
    let (a, b, c) = tokio::join!(
        database.query("select *, pg_sleep(0.2)::text from t", &[]),
        database.query("select *, pg_sleep(0.2)::text from t", &[]),
        database.query("select *, pg_sleep(0.2)::text from t", &[]),
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    let (a, b, c) = tokio::join!(
        database.query(everything, &[]),
        database.query(everything, &[]),
        database.query(everything, &[]),
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    database
        .batch("alter table t add column b text default 'new'")
        .await
        .expect("a column");
    for _ in 0..6 {
        let rows = database.query(everything, &[]).await.expect("rows");
        assert_eq!(values(&rows[0])[1], shown(&text("new")));
    }
}

#[tokio::test]
async fn prepared_statements_count_the_rows_they_touch() {
    let postgres = Postgres::start();
    let database = postgres.database(&[]);
    database
        .batch("create table t (a int)")
        .await
        .expect("a table");
    let insert = "insert into t select generate_series(1, $1)";
    database.prepare(insert).await.expect("prepared");
    assert_eq!(database.execute(insert, &[PgValue::Int4(7)]).await, Ok(7));
    let unknown = database.prepare("insert into nowhere values (1)").await;
    assert_eq!(
        unknown.map_err(|failure| failure.state().to_owned()),
        Err("42P01".into())
    );
}

#[tokio::test]
async fn what_a_batch_leaves_behind_is_gone_for_the_next_call() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_POOL_SIZE", "1")]);
    for batch in [
        "create table t (a int)",
        "begin; set statement_timeout = 1234; insert into t values (1)",
    ] {
        database.batch(batch).await.expect("a batch");
    }
    let count = one(&database, "select count(*) from t", &[]).await;
    assert!(matches!(count, PgValue::Int8(0)));
    let timeout = one(
        &database,
        "select current_setting('statement_timeout')",
        &[],
    )
    .await;
    assert_eq!(shown(&timeout), shown(&text("5s")));
    assert_eq!(failure(&database, "begin", &[]).await.state(), "0A000");
}

#[tokio::test]
async fn a_call_that_finds_no_free_connection_says_so() {
    let postgres = Postgres::start();
    let database = Arc::new(postgres.database(&[
        ("POSTGRES_POOL_SIZE", "1"),
        ("POSTGRES_POOL_WAIT_TIMEOUT_MS", "100"),
    ]));
    let busy = tokio::spawn({
        let database = database.clone();
        async move { database.query("select pg_sleep(3)::text", &[]).await }
    });
    let watcher = postgres.database(&[]);
    let running = "select count(*) from pg_stat_activity where query like '%pg_sleep(3)%' and query not like '%activity%'";
    wait_until(async || matches!(one(&watcher, running, &[]).await, PgValue::Int8(1))).await;

    let failure = failure(&database, "select 1", &[]).await;
    assert_eq!(failure.state(), "53300");
    assert!(
        failure.to_string().contains("POSTGRES_POOL_SIZE"),
        "{failure}"
    );
    assert_eq!(
        database.ping().await,
        Ok(()),
        "a busy pool is not a dead database"
    );
    let several = database.query_all(&[("select 1", &[]), ("select 2", &[])]);
    assert!(
        several.await.iter().all(Result::is_ok),
        "single statements kept several waiting"
    );
    busy.await.expect("finished").expect("answered");
}

async fn wait_until(condition: impl AsyncFn() -> bool) {
    let poll = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), poll)
        .await
        .expect("the condition came true in time");
}

#[tokio::test]
async fn a_statement_that_a_deadlock_undid_runs_again() {
    let postgres = Postgres::start();
    let database = postgres.database(&[("POSTGRES_STATEMENT_TIMEOUT_MS", "60000")]);
    // Each holds one row and wants the other's. Only the first time they wait until it has come to that; the second time
    // each begins with the row that the other has, as it would otherwise come to that again where it is the quicker one.
    let rows = "
        create table t (a bigint primary key, times bigint not null default 0);
        insert into t values (1), (2);
        create sequence tries_of_1;
        create sequence tries_of_2;
        create function touch(p bigint) returns void language sql as
            'update t set times = times + 1 where a = p';
        create function first_then_second() returns void language plpgsql as $$ begin
            if nextval('tries_of_1') > 1 then
                perform touch(2), touch(1);
                return;
            end if;
            perform touch(1), pg_advisory_xact_lock(1);
            while not exists (select from pg_locks where not granted) loop perform pg_sleep(0.01); end loop;
            perform touch(2);
        end $$;
        create function second_then_first() returns void language plpgsql as $$ begin
            if nextval('tries_of_2') > 1 then
                perform touch(1), touch(2);
                return;
            end if;
            while not exists (select from pg_locks where locktype = 'advisory') loop perform pg_sleep(0.01); end loop;
            perform touch(2), touch(1);
        end $$";
    database.batch(rows).await.expect("tables");
    let (one, other) = tokio::join!(
        database.query("select first_then_second()", &[]),
        database.query("select second_then_first()", &[]),
    );
    assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
    let tries = "select (select last_value from tries_of_1) + (select last_value from tries_of_2)";
    assert_eq!(number(&database, tries).await, 3, "there was no deadlock");
    let times = "select sum(times)::bigint from t";
    assert_eq!(number(&database, times).await, 4);
}

async fn number(database: &Database, sql: &str) -> i64 {
    let rows = database.query(sql, &[]).await.expect("a row");
    match &rows[0][0].value {
        PgValue::Int8(number) => *number,
        other => panic!("no number: {other:?}"),
    }
}
