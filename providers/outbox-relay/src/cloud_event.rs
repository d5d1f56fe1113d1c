//! From an outbox row to a CloudEvent: structured JSON of CloudEvents 1.0 and the subject it is published on.

use provider_kit::trace::is_traceparent;
use serde::Serialize;
use serde_json::value::RawValue;

/// The media type of an event in structured mode.
pub(crate) const CONTENT_TYPE: &str = "application/cloudevents+json";

/// A row of an outbox table, as text where the event has text.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// The order in which rows are published, and the row's key.
    pub(crate) seq: i64,
    /// The event's id, and the key by which repetitions are recognized.
    pub(crate) id: String,
    /// The event's type, for example `ticket:created`.
    pub(crate) kind: String,
    /// The id of what the event is about.
    pub(crate) subject: String,
    /// JSON, as Postgres prints it.
    pub(crate) data: String,
    /// The trace that it belongs to.
    pub(crate) traceparent: Option<String>,
    /// When it happened, RFC 3339 in UTC; nothing for a time that has no such form.
    pub(crate) time: Option<String>,
}

impl Row {
    /// The trace that the row belongs to. It is worth less than the event: a malformed one is left out.
    pub(crate) fn trace(&self) -> Option<&str> {
        let traceparent = self.traceparent.as_deref();
        traceparent.filter(|value| is_traceparent(value))
    }

    /// The row as JSON with its columns' names, for the record when it cannot become an event.
    pub(crate) fn as_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        #[derive(Serialize)]
        struct Columns<'a> {
            seq: i64,
            id: &'a str,
            r#type: &'a str,
            subject: &'a str,
            data: &'a RawValue,
            traceparent: Option<&'a str>,
            time: Option<&'a str>,
        }
        serde_json::to_vec(&Columns {
            seq: self.seq,
            id: &self.id,
            r#type: &self.kind,
            subject: &self.subject,
            data: serde_json::from_str(&self.data)?,
            traceparent: self.traceparent.as_deref(),
            time: self.time.as_deref(),
        })
    }
}

/// An event ready to be published.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The subject it is published on.
    pub(crate) subject: String,
    /// Its body.
    pub(crate) body: Vec<u8>,
}

/// Why a row can never become an event.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("the type {0:?} is not words of lower-case letters with colons between them")]
    Type(String),
    #[error("the time has no form in RFC 3339")]
    Time,
    #[error("the event is not JSON: {0}")]
    Json(String),
}

/// The attributes in the order in which the specification lists them.
#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: &'a str,
    source: String,
    #[serde(rename = "type")]
    kind: &'a str,
    subject: &'a str,
    time: &'a str,
    datacontenttype: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<&'a str>,
    data: &'a RawValue,
}

/// Makes the event of `row`, from `service`, for the stream whose subjects begin with `prefix`. `traceparent` is its place
/// in its trace.
pub(crate) fn event(
    row: &Row,
    service: &str,
    prefix: &str,
    traceparent: Option<&str>,
) -> Result<Event, Malformed> {
    if !is_type(&row.kind) {
        return Err(Malformed::Type(row.kind.clone()));
    }
    let json = |error: serde_json::Error| Malformed::Json(error.to_string());
    let body = serde_json::to_vec(&CloudEvent {
        specversion: "1.0",
        id: &row.id,
        source: format!("/{prefix}/{service}"),
        kind: &row.kind,
        subject: &row.subject,
        time: row.time.as_deref().ok_or(Malformed::Time)?,
        datacontenttype: "application/json",
        traceparent,
        data: serde_json::from_str(&row.data).map_err(json)?,
    })
    .map_err(json)?;
    Ok(Event {
        subject: format!("{prefix}.{}", row.kind.replace(':', ".")),
        body,
    })
}

/// `^[a-z]+(:[a-z]+)*$`: what can be a subject without a wildcard or an empty word.
fn is_type(kind: &str) -> bool {
    kind.split(':')
        .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            seq: 7,
            id: "3f0c1f4e-7f4e-4b63-8a51-3f2d9a0a6c11".into(),
            kind: "ticket:created".into(),
            subject: "t1".into(),
            data: r#"{"id": "t1", "price": 12.50}"#.into(),
            traceparent: None,
            time: Some("2030-01-02T03:04:05.000006Z".into()),
        }
    }

    #[test]
    fn a_row_becomes_a_structured_cloud_event() {
        let event = event(&row(), "tickets", "ticketing", None).unwrap();
        assert_eq!(event.subject, "ticketing.ticket.created");
        assert_eq!(
            String::from_utf8(event.body).unwrap(),
            r#"{"specversion":"1.0","id":"3f0c1f4e-7f4e-4b63-8a51-3f2d9a0a6c11","source":"/ticketing/tickets","type":"ticket:created","subject":"t1","time":"2030-01-02T03:04:05.000006Z","datacontenttype":"application/json","data":{"id": "t1", "price": 12.50}}"#
        );
    }

    #[test]
    fn a_trace_is_carried_and_a_malformed_one_is_left_out() {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let with = |value: &str| {
            let row = Row {
                traceparent: Some(value.into()),
                ..row()
            };
            let event = event(&row, "tickets", "ticketing", row.trace());
            String::from_utf8(event.unwrap().body).unwrap()
        };
        assert!(with(trace).contains(&format!(r#""traceparent":"{trace}""#)));
        assert!(!with("nonsense").contains("traceparent"));
    }

    #[test]
    fn a_type_that_is_no_subject_is_malformed() {
        for kind in [
            "",
            "ticket:",
            ":created",
            "ticket::created",
            "Ticket:created",
            "ticket.created",
            "ticket:>",
            "a b",
        ] {
            let row = Row {
                kind: kind.into(),
                ..row()
            };
            assert_eq!(
                event(&row, "tickets", "ticketing", None),
                Err(Malformed::Type(kind.into()))
            );
        }
    }

    #[test]
    fn a_time_without_form_is_malformed() {
        let row = Row {
            time: None,
            ..row()
        };
        assert_eq!(
            event(&row, "tickets", "ticketing", None),
            Err(Malformed::Time)
        );
    }
}
