//! `wasmcloud:postgres/query` and `ticketing:postgres/batch` as a [`kit::Database`].

use kit::{Database, Row, SqlError, Statement, Value};
use uuid::Uuid;

use crate::bindings::imports::ticketing::postgres::batch;
use crate::bindings::imports::wasmcloud::postgres::query::{self, PgValue, QueryError, ResultRow};
use crate::trace;

/// The service's own database, behind the links that the manifest gives it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Postgres;

impl Database for Postgres {
    fn query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
        let parameters: Vec<PgValue> = parameters.iter().map(to_wit).collect();
        let statement = trace::signed(statement);
        rows(query::query(&statement, &parameters))
    }

    fn query_all(&self, statements: &[Statement]) -> Vec<Result<Vec<Row>, SqlError>> {
        let statements: Vec<batch::Statement> = statements
            .iter()
            .map(|statement| batch::Statement {
                sql: trace::signed_by(statement.sql, statement.traceparent.as_deref()).into_owned(),
                params: statement.parameters.iter().map(to_wit).collect(),
            })
            .collect();
        batch::query_all(&statements)
            .into_iter()
            .map(rows)
            .collect()
    }
}

fn rows(answer: Result<Vec<ResultRow>, QueryError>) -> Result<Vec<Row>, SqlError> {
    let rows = answer.map_err(|error| match error {
        QueryError::InvalidParams(reason)
        | QueryError::InvalidQuery(reason)
        | QueryError::Unexpected(reason) => SqlError::Failed(reason),
    })?;
    rows.into_iter()
        .map(|row| {
            row.into_iter()
                .map(|entry| Ok((entry.column_name, from_wit(entry.value)?)))
                .collect::<Result<_, _>>()
                .map(Row::new)
        })
        .collect()
}

fn to_wit(value: &Value) -> PgValue {
    match value {
        Value::Null => PgValue::Null,
        Value::Bool(value) => PgValue::Bool(*value),
        Value::Int(value) => PgValue::Int8(*value),
        Value::Text(value) => PgValue::Text(value.clone()),
        Value::Uuid(value) => PgValue::Uuid(value.to_string()),
        Value::Json(value) => PgValue::Jsonb(value.clone()),
    }
}

fn from_wit(value: PgValue) -> Result<Value, SqlError> {
    Ok(match value {
        PgValue::Null => Value::Null,
        PgValue::Bool(value) | PgValue::Boolean(value) => Value::Bool(value),
        PgValue::BigInt(value) | PgValue::Int8(value) => Value::Int(value),
        PgValue::Integer(value) | PgValue::Int(value) | PgValue::Int4(value) => {
            Value::Int(value.into())
        }
        PgValue::SmallInt(value) | PgValue::Int2(value) => Value::Int(value.into()),
        PgValue::Text(value) | PgValue::Name(value) => Value::Text(value),
        PgValue::Varchar((_, bytes)) => Value::Text(String::from_utf8_lossy(&bytes).into_owned()),
        PgValue::Json(value) | PgValue::Jsonb(value) => Value::Json(value),
        PgValue::Uuid(value) => {
            Value::Uuid(Uuid::parse_str(&value).map_err(|_| SqlError::Shape("uuid"))?)
        }
        _ => {
            return Err(SqlError::Failed(
                "a column has a type that the services do not use".to_owned(),
            ));
        }
    })
}
