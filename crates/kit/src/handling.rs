//! Handling events: each comes to one statement, so that many of them are one trip to the database.
//!
//! Statements run in the order of their events, and one that fails changes nothing for the others. What holds between two events holds
//! between two of the same call as well: the second sees what the first has done.

use crate::{Database, Event, EventError, Row, SqlError, Statement};

/// Reads what a statement answered.
type Conclusion = Box<dyn FnOnce(Result<Vec<Row>, SqlError>) -> Result<(), EventError>>;

/// What an event comes to: a statement, and what its answer means.
pub struct Handling {
    statement: Statement,
    conclusion: Conclusion,
}

impl Handling {
    /// `event` is handled when `statement` has run.
    #[must_use]
    pub fn of(event: &Event<'_>, sql: &'static str, parameters: Vec<crate::Value>) -> Self {
        let ran = |answer: Result<Vec<Row>, SqlError>| answer.map(drop).map_err(EventError::from);
        Self {
            statement: Statement {
                sql,
                parameters,
                traceparent: event.traceparent.clone(),
            },
            conclusion: Box::new(ran),
        }
    }

    /// Whether it is handled, `conclusion` decides.
    #[must_use]
    pub fn if_it(
        self,
        conclusion: impl FnOnce(Result<Vec<Row>, SqlError>) -> Result<(), EventError> + 'static,
    ) -> Self {
        Self {
            conclusion: Box::new(conclusion),
            ..self
        }
    }
}

/// Handles events in one trip to the database. `rule` says what an event comes to. The answer has a result for each of
/// them, in their order, and none depends on another.
///
/// # Errors
/// In the event's place: why it is not handled.
pub fn handle_all<'a>(
    database: &impl Database,
    events: impl IntoIterator<Item = &'a [u8]>,
    rule: fn(&Event<'_>) -> Result<Handling, EventError>,
) -> Vec<Result<(), EventError>> {
    let mut statements = Vec::new();
    let handled: Vec<Result<Conclusion, EventError>> = events
        .into_iter()
        .map(|body| {
            let Handling {
                statement,
                conclusion,
            } = rule(&Event::read(body)?)?;
            statements.push(statement);
            Ok(conclusion)
        })
        .collect();
    let mut answers = match statements.as_slice() {
        [] => Vec::new(),
        statements => database.query_all(statements),
    }
    .into_iter();
    handled
        .into_iter()
        .map(|conclusion| {
            let conclusion = conclusion?;
            conclusion(answers.next().unwrap_or(Err(SqlError::NoAnswer)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use std::cell::RefCell;

    /// Remembers what it was asked, and refuses what begins with `no`.
    #[derive(Default)]
    struct Scripted {
        trips: RefCell<Vec<Vec<String>>>,
        answers: Option<usize>,
    }

    impl Database for Scripted {
        fn query(&self, _: &str, _: &[Value]) -> Result<Vec<Row>, SqlError> {
            unreachable!("events go together")
        }

        fn query_all(&self, statements: &[Statement]) -> Vec<Result<Vec<Row>, SqlError>> {
            let text = |statement: &Statement| match statement.parameters.first() {
                Some(Value::Text(text)) => text.clone(),
                _ => String::new(),
            };
            let trip: Vec<String> = statements.iter().map(text).collect();
            self.trips.borrow_mut().push(trip.clone());
            let answer = |text: String| match text.starts_with("no") {
                true => Err(SqlError::Failed("40001: later".to_owned())),
                false => Ok(Vec::new()),
            };
            let answers = self.answers.unwrap_or(trip.len());
            trip.into_iter().map(answer).take(answers).collect()
        }
    }

    fn event(kind: &str) -> Vec<u8> {
        let id = "7f1f0bb5-74b8-4b0c-a0c5-5c9b6d3a2f10";
        format!(r#"{{"id":"{id}","type":"{kind}","data":null}}"#).into_bytes()
    }

    fn rule(event: &Event<'_>) -> Result<Handling, EventError> {
        match event.kind.as_str() {
            "unknown" => Err(event.unexpected()),
            "invalid" => Ok(Handling::of(event, "select $1", vec!["invalid".into()])
                .if_it(|_| Err(EventError::Invalid("as it turned out".to_owned())))),
            kind => Ok(Handling::of(event, "select $1", vec![kind.into()])),
        }
    }

    fn handle(database: &Scripted, kinds: &[&str]) -> Vec<String> {
        let bodies: Vec<Vec<u8>> = kinds.iter().map(|kind| event(kind)).collect();
        let bodies = bodies.iter().map(Vec::as_slice);
        handle_all(database, bodies, rule)
            .into_iter()
            .map(|result| match result {
                Ok(()) => "ok".to_owned(),
                Err(error) => error.to_string(),
            })
            .collect()
    }

    #[test]
    fn events_are_handled_in_one_trip_and_each_has_its_own_result() {
        let database = Scripted::default();
        let results = handle(&database, &["a", "unknown", "no", "invalid", "b"]);
        assert_eq!(
            results,
            [
                "ok",
                "permanent: unexpected event type unknown",
                "statement failed: 40001: later",
                "permanent: invalid event: as it turned out",
                "ok",
            ]
        );
        assert_eq!(*database.trips.borrow(), [["a", "no", "invalid", "b"]]);
    }

    #[test]
    fn events_that_come_to_nothing_make_no_trip() {
        let database = Scripted::default();
        assert_eq!(handle(&database, &["unknown"]).len(), 1);
        assert!(database.trips.borrow().is_empty());
    }

    #[test]
    fn an_event_whose_statement_was_not_answered_is_not_handled() {
        let database = Scripted {
            answers: Some(1),
            ..Scripted::default()
        };
        let results = handle(&database, &["a", "b"]);
        assert_eq!(results, ["ok", "the statement was not answered"]);
    }
}
