//! A dead letter as it is stored: the body of the event, unchanged, and headers that say what happened. Their names are
//! those in messaging-jetstream's README.
use std::fmt;

use async_nats::HeaderMap;
use async_nats::jetstream::message::StreamMessage;
use serde_json::Value;

/// An event that a consumer has given up. A text that its headers lack is empty.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    /// Its number among the dead letters.
    pub sequence: u64,
    /// Its own `Nats-Msg-Id`: who gave up, and the event's place.
    pub id: String,
    /// When it was given up, RFC 3339.
    pub time: String,
    /// Who gave up.
    pub consumer: String,
    /// Why.
    pub reason: String,
    /// How many errors were counted.
    pub attempts: String,
    /// The stream, or the outbox, that the event is from.
    pub stream: String,
    /// The event's place there.
    pub event_sequence: String,
    /// What the event was published on; empty when it never was.
    pub subject: String,
    /// The event's own `Nats-Msg-Id`.
    pub message_id: String,
    /// The event's `Content-Type`.
    pub content_type: String,
    /// The event's body.
    pub body: Vec<u8>,
    /// The body, read; null when it is not JSON.
    pub(super) event: Value,
}

impl Letter {
    /// Reads what the stream has.
    pub fn read(message: &StreamMessage) -> Self {
        Self::of(message.sequence, &message.headers, &message.payload)
    }

    pub(super) fn of(sequence: u64, headers: &HeaderMap, body: &[u8]) -> Self {
        let text = |name: &str| header(headers, name);
        Self {
            sequence,
            id: text("Nats-Msg-Id"),
            time: text("Dead-Letter-Time"),
            consumer: text("Dead-Letter-Consumer"),
            reason: text("Dead-Letter-Reason"),
            attempts: text("Dead-Letter-Attempts"),
            stream: text("Dead-Letter-Stream"),
            event_sequence: text("Dead-Letter-Sequence"),
            subject: text("Dead-Letter-Subject"),
            message_id: text("Dead-Letter-Message-Id"),
            content_type: text("Content-Type"),
            body: body.to_vec(),
            event: serde_json::from_slice(body).unwrap_or_default(),
        }
    }

    /// The event's type; empty when it is no event.
    pub fn kind(&self) -> &str {
        self.event["type"].as_str().unwrap_or_default()
    }

    /// What the event is about; empty when it is no event.
    pub fn aggregate(&self) -> &str {
        self.event["subject"].as_str().unwrap_or_default()
    }

    /// The event as JSON; a body that is none as a JSON text.
    pub fn event(&self) -> Value {
        match &self.event {
            Value::Null => Value::from(String::from_utf8_lossy(&self.body)),
            event => event.clone(),
        }
    }
}

/// In a few words, on one line.
impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sequence, consumer, ..
        } = self;
        let what = [self.kind(), &self.subject, "what is no event"]
            .into_iter()
            .find(|text| !text.is_empty())
            .unwrap_or_default();
        write!(
            f,
            "dead letter {sequence}: {} for {consumer}",
            printable(what)
        )
    }
}

/// What comes from a body may hold anything; a terminal must not obey it.
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// By text: to the client library a name that it knows is another one than the same name as text.
fn header(headers: &HeaderMap, wanted: &str) -> String {
    let values = headers
        .iter()
        .find_map(|(name, values)| (name.to_string() == wanted).then_some(values));
    values
        .and_then(|values| values.first())
        .map(|value| printable(value.as_str()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn letter(headers: &[(&str, &str)], body: &[u8]) -> Letter {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, *value);
        }
        Letter::of(7, &map, body)
    }

    #[test]
    fn the_headers_say_what_happened_and_the_body_is_the_event() {
        let letter = letter(
            &[
                ("Dead-Letter-Consumer", "orders"),
                ("Dead-Letter-Subject", "ticketing.ticket.created"),
            ],
            br#"{"type":"ticket:created","subject":"t1"}"#,
        );
        assert_eq!(letter.consumer, "orders");
        assert_eq!(
            (letter.kind(), letter.aggregate()),
            ("ticket:created", "t1")
        );
        assert_eq!(
            letter.to_string(),
            "dead letter 7: ticket:created for orders"
        );
    }

    #[test]
    fn a_name_that_the_client_library_knows_is_found_too() {
        let mut headers = HeaderMap::new();
        headers.insert(async_nats::header::NATS_MESSAGE_ID, "orders:3");
        assert_eq!(Letter::of(1, &headers, b"").id, "orders:3");
    }

    #[test]
    fn a_body_that_is_no_json_is_shown_as_text() {
        let letter = letter(&[], b"not an event \xff");
        assert_eq!(letter.event(), json!("not an event \u{fffd}"));
        assert_eq!(letter.kind(), "");
    }

    #[test]
    fn a_terminal_does_not_obey_what_a_letter_says() {
        let letter = letter(
            &[("Dead-Letter-Consumer", "orders")],
            br#"{"type":"a\u001b[2Jb"}"#,
        );
        assert_eq!(letter.to_string(), "dead letter 7: a [2Jb for orders");
    }
}
