//! The trace of a statement. A component has no other way to name it than the statement itself, whose last comment may
//! (<https://google.github.io/sqlcommenter/spec/>).

use provider_kit::trace::{continued, is_traceparent};
use tracing::{Instrument as _, Span, field, info_span};

use crate::failure::Failure;

const BEGIN: &str = "/*traceparent='";
const LENGTH: usize = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".len();
const END: &str = "'*/";

/// Takes the trace off a statement: prepared statements are kept by their text, which is then the same for all traces.
/// Only `/*traceparent='…'*/` at the very end, with a well-formed value, counts. What ends so ends in a comment: no
/// literal or quoted name ends in `*/`.
pub fn take_off(sql: &str) -> (&str, Option<&str>) {
    let taken = || {
        let rest = sql.strip_suffix(END)?;
        let (rest, traceparent) = rest.split_at_checked(rest.len().checked_sub(LENGTH)?)?;
        let statement = rest.strip_suffix(BEGIN)?;
        is_traceparent(traceparent).then_some((statement, Some(traceparent)))
    };
    taken().unwrap_or((sql, None))
}

/// The span of a statement on `database`, a child of the span that `parent` names. There is none without a parent: what
/// nobody traces, such as a schedule that looks twice a second, would make a trace of its own each time.
pub fn span(operation: &'static str, database: &str, parent: Option<&str>) -> Span {
    if parent.is_none() {
        return Span::none();
    }
    continued(parent, || {
        info_span!(
            "statement",
            otel.kind = "client",
            otel.name = format!("{operation} {database}"),
            otel.status_code = field::Empty,
            db.system.name = "postgresql",
            db.namespace = database,
            db.operation.name = operation,
            db.response.status_code = field::Empty,
        )
    })
}

/// Runs a statement in its span, which notes how it failed.
pub async fn within<T>(
    span: Span,
    statement: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let outcome = statement.instrument(span.clone()).await;
    note(&span, &outcome);
    outcome
}

/// Notes in a statement's span how it failed, if it did.
pub fn note<T>(span: &Span, outcome: &Result<T, Failure>) {
    if let Err(failure) = outcome {
        span.record("otel.status_code", "ERROR");
        span.record("db.response.status_code", failure.state());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_trace_at_the_end_is_taken_off() {
        for statement in ["select 1", "select 1 -- the first", "", "select '\u{e4}'"] {
            let sent = format!("{statement}/*traceparent='{PARENT}'*/");
            assert_eq!(take_off(&sent), (statement, Some(PARENT)));
        }
    }

    #[test]
    fn statements_of_different_traces_are_the_same_text() {
        let other = PARENT.replace("4bf9", "5bf9");
        let sent = [PARENT, &other].map(|it| format!("select 1/*traceparent='{it}'*/"));
        assert_eq!(take_off(&sent[0]).0, take_off(&sent[1]).0);
    }

    #[test]
    fn anything_else_is_left_alone() {
        let upper = PARENT.to_uppercase();
        let later = PARENT.replacen("00", "ff", 1);
        for statement in [
            "select 1".to_owned(),
            format!("select 1/*traceparent='{PARENT}'*/ "),
            format!("select 1/*traceparent='{PARENT}'*/;"),
            format!("select '/*traceparent=''{PARENT}''*/'"),
            format!("select 1/* traceparent='{PARENT}'*/"),
            format!("select 1/*traceparent={PARENT}*/"),
            format!("select 1/*traceparent='{PARENT}',route='x'*/"),
            format!("select 1/*traceparent='{upper}'*/"),
            format!("select 1/*traceparent='{later}'*/"),
            format!("select 1/*traceparent='{}'*/", &PARENT[1..]),
            format!("select 1/*traceparent='{}'*/", "\u{e4}".repeat(LENGTH)),
            "'*/".to_owned(),
        ] {
            assert_eq!(take_off(&statement), (&*statement, None));
        }
    }

    #[test]
    fn a_statement_of_no_trace_has_no_span() {
        assert!(span("query", "shop", None).is_none());
    }
}
