//! What a call can fail with: a SQLSTATE, a message, and whose fault it is.
//!
//! Messages reach components and logs, so they hold no parameter values and no credentials: the
//! server's DETAIL is left out, and for bad data (class 22), whose messages quote the data, the
//! condition's name stands in for the message.

use std::error::Error as _;
use std::fmt::Write as _;

use deadpool_postgres::PoolError;
use tokio_postgres::error::{DbError, SqlState};

use crate::bindings::exports::wasmcloud::postgres::prepared::{
    PreparedStatementExecError, StatementPrepareError,
};
use crate::types::QueryError;

/// Which case of the interface's `query-error` a [`Failure`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The parameters: `invalid-params`.
    Parameters,
    /// The statement's text: `invalid-query`.
    Statement,
    /// Anything else, constraint violations and lost connections among them: `unexpected`.
    Other,
}

/// Why a call failed. Displayed as the five characters of the SQLSTATE, a colon and the message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{state}: {message}")]
pub struct Failure {
    fault: Fault,
    state: String,
    message: String,
}

/// SQLSTATEs that this provider itself answers with, or looks for.
pub mod state {
    /// `using clause does not match dynamic parameter specifications`: wrong number of parameters.
    pub const PARAMETER_COUNT: &str = "07001";
    /// `connection does not exist`: the component has no (valid) link.
    pub const NO_LINK: &str = "08003";
    /// `connection failure`: the database cannot be reached, or was lost on the way.
    pub const UNREACHABLE: &str = "08006";
    /// `feature not supported`: a statement or type that this provider does not carry.
    pub const UNSUPPORTED: &str = "0A000";
    /// `null value not allowed`: a null inside an array.
    pub const NULL_ELEMENT: &str = "22004";
    /// `deadlock detected`: the server has chosen this transaction to end it.
    pub const DEADLOCK: &str = "40P01";
    /// `too many connections`: the link's pool is used up.
    pub const POOL_EXHAUSTED: &str = "53300";
    /// `admin shutdown`: the server has ended the session.
    pub const TERMINATED: &str = "57P01";
    /// `internal error`: the server or driver sent what cannot be.
    pub const INTERNAL: &str = "XX000";
}

impl Failure {
    /// A failure of this provider's own making.
    pub fn new(fault: Fault, state: &str, message: impl Into<String>) -> Self {
        Self {
            fault,
            state: state.to_owned(),
            message: message.into(),
        }
    }

    /// The five-character SQLSTATE.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        self.fault
    }

    /// The database cannot be reached; nothing was sent.
    pub(crate) fn unreachable(address: &str, reason: impl std::fmt::Display) -> Self {
        Self::new(
            Fault::Other,
            state::UNREACHABLE,
            format!("the database at {address} cannot be reached: {reason}"),
        )
    }

    /// The connection was lost, or no answer came, after the statement had been sent.
    pub(crate) fn unknown_outcome(reason: impl std::fmt::Display) -> Self {
        Self::new(
            Fault::Other,
            state::UNREACHABLE,
            format!("{reason}; whether the statement took effect is not known"),
        )
    }

    /// Why no connection came out of a pool, whose size the setting of that name says.
    pub(crate) fn of_pool(
        error: &PoolError,
        address: &str,
        pool_size: usize,
        setting: &str,
    ) -> Self {
        use deadpool_postgres::TimeoutType;
        match error {
            PoolError::Timeout(TimeoutType::Wait) => Self::new(
                Fault::Other,
                state::POOL_EXHAUSTED,
                format!(
                    "all {pool_size} connections of the link stayed in use; raise {setting} or send less at a time"
                ),
            ),
            PoolError::Timeout(_) => Self::unreachable(address, "connecting took too long"),
            PoolError::Closed => Self::new(Fault::Other, state::NO_LINK, "the link was deleted"),
            PoolError::Backend(error) => Self::of_connect(error, address),
            other => Self::unreachable(address, other),
        }
    }

    /// Why a connection could not be opened. A server that says it is starting, stopping or
    /// recovering counts as one that cannot be reached; what it says about the role, the password
    /// or the database name keeps its own SQLSTATE.
    pub(crate) fn of_connect(error: &tokio_postgres::Error, address: &str) -> Self {
        match error.as_db_error() {
            Some(db) if is_going_up_or_down(db.code()) => Self::unreachable(address, db.message()),
            Some(db) => Self::of_server(db),
            None => Self::unreachable(address, reason_of(error)),
        }
    }

    /// Why a statement that had been sent failed.
    pub(crate) fn of_statement(error: &tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(db) => Self::of_server(db),
            None if error.is_closed() => Self::unknown_outcome("the connection was lost"),
            None => Self::unknown_outcome(reason_of(error)),
        }
    }

    /// What the server answered.
    fn of_server(error: &DbError) -> Self {
        let state = error.code().code();
        let fault = match &state[..2] {
            "22" => Fault::Parameters,
            "42" => Fault::Statement,
            _ => Fault::Other,
        };
        let mut message = match data_exception(state) {
            Some(condition) => condition.to_owned(),
            None => error.message().to_owned(),
        };
        for (what, name) in [
            ("constraint", error.constraint()),
            ("column", error.column()),
        ] {
            if let Some(name) = name {
                // Writing to a String cannot fail.
                let _ = write!(message, " ({what} \"{name}\")");
            }
        }
        Self::new(fault, state, message)
    }
}

impl From<Failure> for QueryError {
    fn from(failure: Failure) -> Self {
        let text = failure.to_string();
        match failure.fault {
            Fault::Parameters => Self::InvalidParams(text),
            Fault::Statement => Self::InvalidQuery(text),
            Fault::Other => Self::Unexpected(text),
        }
    }
}

impl From<Failure> for StatementPrepareError {
    fn from(failure: Failure) -> Self {
        Self::Unexpected(failure.to_string())
    }
}

impl From<Failure> for PreparedStatementExecError {
    fn from(failure: Failure) -> Self {
        Self::QueryError(failure.into())
    }
}

fn is_going_up_or_down(code: &SqlState) -> bool {
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
    ]
    .contains(code)
}

/// The driver's error with its cause: the driver's own text says only which step failed.
fn reason_of(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {cause}").replace(": : ", ": "),
        None => error.to_string(),
    }
}

/// The standard's name for a condition of class 22, whose messages quote the offending data.
fn data_exception(state: &str) -> Option<&'static str> {
    if !state.starts_with("22") {
        return None;
    }
    Some(match state {
        "22001" => "string data right truncation: a text is longer than its column allows",
        "22003" => "numeric value out of range",
        "22004" => "null value not allowed",
        "22007" => "invalid datetime format",
        "22008" => "datetime field overflow",
        "22012" => "division by zero",
        "22021" => "character not in repertoire",
        "22023" => "invalid parameter value",
        "22026" => "string data length mismatch",
        "22030" | "22032" | "22034" => "invalid JSON text",
        "22P02" => "invalid text representation of a value",
        "22P03" => "invalid binary representation of a value",
        "22P05" => "untranslatable character",
        "2201B" => "invalid regular expression",
        "2201W" | "2201X" => "invalid row count in LIMIT or OFFSET",
        "2202E" => "array subscript error",
        _ => "data exception",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_displayed_as_its_sqlstate_and_message() {
        let failure = Failure::unreachable("db:5432/orders", "connection refused");
        assert_eq!(
            failure.to_string(),
            "08006: the database at db:5432/orders cannot be reached: connection refused"
        );
    }

    #[test]
    fn the_fault_decides_the_case_of_the_query_error() {
        let failure = |fault| Failure::new(fault, "XX000", "m");
        assert!(matches!(
            QueryError::from(failure(Fault::Parameters)),
            QueryError::InvalidParams(_)
        ));
        assert!(matches!(
            QueryError::from(failure(Fault::Statement)),
            QueryError::InvalidQuery(_)
        ));
        assert!(matches!(
            QueryError::from(failure(Fault::Other)),
            QueryError::Unexpected(_)
        ));
    }

    #[test]
    fn an_exhausted_pool_is_told_apart_from_an_unreachable_database() {
        use deadpool_postgres::TimeoutType;
        let of =
            |timeout| Failure::of_pool(&PoolError::Timeout(timeout), "db:5432/orders", 4, "SIZE");
        assert_eq!(of(TimeoutType::Wait).state(), "53300");
        assert_eq!(of(TimeoutType::Create).state(), "08006");
    }

    #[test]
    fn only_bad_data_has_its_message_replaced() {
        assert!(data_exception("22P02").is_some());
        assert!(data_exception("22XXX").is_some());
        assert!(data_exception("23505").is_none());
    }
}
