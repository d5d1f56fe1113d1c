//! The database as the services see it: one statement in, rows out.
//! A trait, so that the same rules run over `wasmcloud:postgres` in a component and natively in a test.

use thiserror::Error;
use uuid::Uuid;

/// A parameter of a statement, or a column of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL, of any type.
    Null,
    /// `boolean`.
    Bool(bool),
    /// `integer` or `bigint`.
    Int(i64),
    /// `text`; as a parameter also anything that Postgres reads from text.
    Text(String),
    /// `uuid`.
    Uuid(Uuid),
    /// `json` or `jsonb`, as text.
    Json(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Self {
        Self::Uuid(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// One row of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(Vec<(String, Value)>);

impl Row {
    /// A row of named columns, in the order of the statement.
    #[must_use]
    pub fn new(columns: Vec<(String, Value)>) -> Self {
        Self(columns)
    }

    fn column(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find_map(|(column, value)| (column == name).then_some(value))
    }

    /// A column of text (or JSON, as text); `None` when it is NULL.
    ///
    /// # Errors
    /// [`SqlError::Shape`] when the column is missing or of another type.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, SqlError> {
        match self.column(name) {
            Some(Value::Text(text) | Value::Json(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(SqlError::Shape(name)),
        }
    }

    /// A column of whole numbers; `None` when it is NULL.
    ///
    /// # Errors
    /// [`SqlError::Shape`] when the column is missing or of another type.
    pub fn int(&self, name: &'static str) -> Result<Option<i64>, SqlError> {
        match self.column(name) {
            Some(Value::Int(value)) => Ok(Some(*value)),
            Some(Value::Null) => Ok(None),
            _ => Err(SqlError::Shape(name)),
        }
    }

    /// A column of truth; NULL is false.
    ///
    /// # Errors
    /// [`SqlError::Shape`] when the column is missing or of another type.
    pub fn bool(&self, name: &'static str) -> Result<bool, SqlError> {
        match self.column(name) {
            Some(Value::Bool(value)) => Ok(*value),
            Some(Value::Null) => Ok(false),
            _ => Err(SqlError::Shape(name)),
        }
    }

    /// A column of UUIDs; `None` when it is NULL.
    ///
    /// # Errors
    /// [`SqlError::Shape`] when the column is missing or of another type.
    pub fn uuid(&self, name: &'static str) -> Result<Option<Uuid>, SqlError> {
        match self.column(name) {
            Some(Value::Uuid(value)) => Ok(Some(*value)),
            Some(Value::Null) => Ok(None),
            _ => Err(SqlError::Shape(name)),
        }
    }
}

/// Why a statement gave no rows.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SqlError {
    /// The provider or the database refused or could not be reached; begins with the SQLSTATE.
    #[error("statement failed: {0}")]
    Failed(String),
    /// The rows do not have the shape that the caller counts on: a mistake of ours.
    #[error("column {0} is missing or of another type")]
    Shape(&'static str),
    /// A statement that always answers with a row answered with none: a mistake of ours.
    #[error("the statement answered with no row")]
    NoRow,
    /// Of several statements this one was not answered: a mistake of the provider's.
    #[error("the statement was not answered")]
    NoAnswer,
}

/// A statement that is run together with others.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its text.
    pub sql: &'static str,
    /// Its parameters (`$1`, `$2`, …).
    pub parameters: Vec<Value>,
    /// The trace that it belongs to (W3C Trace Context): not that of the others.
    pub traceparent: Option<String>,
}

/// Something that runs statements. Each statement is all or nothing.
pub trait Database {
    /// Runs one statement with its parameters (`$1`, `$2`, …).
    ///
    /// # Errors
    /// [`SqlError::Failed`] when the database does not carry it out.
    fn query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError>;

    /// Runs statements one after the other, and returns what each of them gave, in their order. One that fails changes
    /// nothing for the others.
    fn query_all(&self, statements: &[Statement]) -> Vec<Result<Vec<Row>, SqlError>> {
        statements
            .iter()
            .map(|statement| self.query(statement.sql, &statement.parameters))
            .collect()
    }

    /// Runs a statement that answers with exactly one row.
    ///
    /// # Errors
    /// As [`Database::query`], and [`SqlError::NoRow`].
    fn query_one(&self, statement: &str, parameters: &[Value]) -> Result<Row, SqlError> {
        self.query(statement, parameters)?
            .into_iter()
            .next()
            .ok_or(SqlError::NoRow)
    }
}
