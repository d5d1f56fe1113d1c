//! The trace of the call that is being answered (W3C Trace Context), for what it asks of others. An instance answers one
//! call at a time, so each call says its own first.

use std::borrow::Cow;
use std::cell::RefCell;

thread_local! {
    static CURRENT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on everything belongs to the trace that `traceparent` names, or to none: a malformed one names none.
pub(crate) fn enter(traceparent: Option<&str>) {
    let traceparent = traceparent.filter(|value| kit::is_traceparent(value));
    CURRENT.set(traceparent.map(str::to_owned));
}

/// The `traceparent` for what the call asks of others.
pub(crate) fn current() -> Option<String> {
    CURRENT.with_borrow(Clone::clone)
}

/// The trace's id; empty when there is none.
pub(crate) fn id() -> String {
    CURRENT.with_borrow(|current| {
        let id = current.as_deref().and_then(|value| value.get(3..35));
        id.unwrap_or_default().to_owned()
    })
}

/// `statement` with the trace in a comment at its end (<https://google.github.io/sqlcommenter/spec/>): the interface to
/// the database has no other place for it. The provider takes it off.
pub(crate) fn signed(statement: &str) -> Cow<'_, str> {
    CURRENT.with_borrow(|current| sign(statement, current.as_deref()))
}

/// [`signed`], with a trace of the statement's own: a call that handles several events has as many traces.
pub(crate) fn signed_by<'a>(statement: &'a str, traceparent: Option<&str>) -> Cow<'a, str> {
    sign(
        statement,
        traceparent.filter(|value| kit::is_traceparent(value)),
    )
}

fn sign<'a>(statement: &'a str, trace: Option<&str>) -> Cow<'a, str> {
    match trace {
        Some(trace) => format!("{statement}/*traceparent='{trace}'*/").into(),
        None => statement.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_statement_carries_the_trace_of_its_call() {
        enter(Some(TRACE));
        assert_eq!(
            signed("select 1"),
            format!("select 1/*traceparent='{TRACE}'*/")
        );
        assert_eq!(current().as_deref(), Some(TRACE));
        assert_eq!(id(), "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn a_call_without_a_trace_has_not_that_of_the_one_before() {
        enter(Some(TRACE));
        enter(None);
        assert_eq!(signed("select 1"), "select 1");
        assert_eq!(current(), None);
        assert_eq!(id(), "");
    }

    #[test]
    fn a_statement_may_have_a_trace_of_its_own() {
        enter(None);
        let own = signed_by("select 1", Some(TRACE));
        assert_eq!(own, format!("select 1/*traceparent='{TRACE}'*/"));
        enter(Some(TRACE));
        assert_eq!(signed_by("select 1", None), "select 1");
    }

    #[test]
    fn what_is_no_trace_gets_into_no_statement() {
        for value in ["", "x", "00-'*/ drop table orders; /*-00f067aa0ba902b7-01"] {
            enter(Some(value));
            assert_eq!(signed("select 1"), "select 1", "{value}");
            assert_eq!(signed_by("select 1", Some(value)), "select 1", "{value}");
        }
    }
}
