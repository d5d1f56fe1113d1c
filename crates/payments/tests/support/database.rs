//! `kit::Database` over a connection of its own, natively.

use kit::{Database, Row, SqlError, Value};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::{Json, ToSql, Type};
use tokio_postgres::{Client as Connection, NoTls};
use uuid::Uuid;

/// One connection. Each statement is a transaction, as in a component.
pub struct Client {
    runtime: Runtime,
    connection: Connection,
}

impl Client {
    pub fn connect(database: &str) -> Self {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let config = format!("{} dbname={database}", super::postgres::server());
        let (connection, driver) = runtime
            .block_on(tokio_postgres::connect(&config, NoTls))
            .expect("a connection");
        runtime.spawn(driver);
        Self {
            runtime,
            connection,
        }
    }

    /// Runs statements that a test needs to arrange things.
    pub fn run(&self, sql: &str) {
        self.runtime
            .block_on(self.connection.batch_execute(sql))
            .expect(sql);
    }

    /// The first column of the only row, as text; empty for null.
    pub fn text(&self, sql: &str) -> String {
        let row = self
            .runtime
            .block_on(self.connection.query_one(sql, &[]))
            .expect(sql);
        row.get::<_, Option<String>>(0).unwrap_or_default()
    }
}

impl Database for Client {
    fn query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
        let failed = |error: tokio_postgres::Error| {
            let state = error
                .code()
                .map_or("XX000", |state| state.code())
                .to_owned();
            SqlError::Failed(format!("{state}: {error:?}"))
        };
        let statement = self
            .runtime
            .block_on(self.connection.prepare(statement))
            .map_err(failed)?;
        let parameters: Vec<Box<dyn ToSql + Sync>> = statement
            .params()
            .iter()
            .zip(parameters)
            .map(|(ty, value)| parameter(ty, value))
            .collect();
        let parameters: Vec<_> = parameters.iter().map(AsRef::as_ref).collect();
        let rows = self
            .runtime
            .block_on(self.connection.query(&statement, &parameters))
            .map_err(failed)?;
        Ok(rows.iter().map(row).collect())
    }
}

fn parameter(ty: &Type, value: &Value) -> Box<dyn ToSql + Sync> {
    match (value, ty) {
        (Value::Null, &Type::INT8) => Box::new(None::<i64>),
        (Value::Null, &Type::UUID) => Box::new(None::<Uuid>),
        (Value::Null, _) => Box::new(None::<String>),
        (Value::Bool(value), _) => Box::new(*value),
        (Value::Int(value), &Type::INT4) => Box::new(i32::try_from(*value).expect("in range")),
        (Value::Int(value), _) => Box::new(*value),
        (Value::Text(value), _) => Box::new(value.clone()),
        (Value::Uuid(value), _) => Box::new(*value),
        (Value::Json(value), _) => Box::new(Json(
            serde_json::from_str::<serde_json::Value>(value).expect("JSON"),
        )),
    }
}

fn row(row: &tokio_postgres::Row) -> Row {
    let columns = row.columns().iter().enumerate().map(|(index, column)| {
        let value = match *column.type_() {
            Type::BOOL => row
                .get::<_, Option<bool>>(index)
                .map_or(Value::Null, Value::Bool),
            Type::INT4 => row
                .get::<_, Option<i32>>(index)
                .map_or(Value::Null, |value| Value::Int(value.into())),
            Type::INT8 => row
                .get::<_, Option<i64>>(index)
                .map_or(Value::Null, Value::Int),
            Type::UUID => row
                .get::<_, Option<Uuid>>(index)
                .map_or(Value::Null, Value::Uuid),
            Type::TEXT => row
                .get::<_, Option<String>>(index)
                .map_or(Value::Null, Value::Text),
            ref other => panic!(
                "column {} has type {other}, which the services do not use",
                column.name()
            ),
        };
        (column.name().to_owned(), value)
    });
    Row::new(columns.collect())
}
