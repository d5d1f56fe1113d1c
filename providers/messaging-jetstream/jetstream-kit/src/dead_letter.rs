//! A dead letter: a message that can never be handled, kept with the reason and with what a replay needs.
//! It counts as kept only when the dead-letter stream has acknowledged it.

use async_nats::HeaderMap;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{StreamError, ensure_dead_letters};

/// The longest reason that is kept, in characters; a server's header limit is far above it.
const REASON_MAX_CHARS: usize = 2000;

/// A message that can never be handled. Its body is stored unchanged.
#[derive(Debug, Clone, Default)]
pub struct DeadLetter {
    /// Who gave up; it is stored on the subject `dead-letters.<consumer>`.
    pub consumer: String,
    /// The dead letter's own id: storing it twice within the duplicate window keeps one.
    pub id: String,
    /// Why it can never be handled, in words.
    pub reason: String,
    /// How often handling was tried.
    pub attempts: u32,
    /// The subject it was published on, when it had one.
    pub subject: Option<String>,
    /// The stream, or the outbox, that it came from.
    pub stream: String,
    /// Its sequence number there.
    pub sequence: u64,
    /// The original `Nats-Msg-Id`. A replay needs another one: the stream may still remember this.
    pub message_id: Option<String>,
    /// The original `Content-Type`.
    pub content_type: Option<String>,
    /// The original body.
    pub body: bytes::Bytes,
}

/// Why a dead letter is not kept yet; the original must not be acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// The dead-letter stream is missing and cannot be created.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// The stream did not acknowledge.
    #[error("the dead letter was not acknowledged: {0}")]
    Publish(#[from] PublishError),
}

impl DeadLetter {
    /// Stores it in `stream`, which is created when it is missing, and waits for the acknowledgement.
    ///
    /// # Errors
    /// When the acknowledgement does not come: it may or may not be stored, and storing it again is safe.
    pub async fn store(&self, jetstream: &Context, stream: &str) -> Result<(), DeadLetterError> {
        match self.publish(jetstream).await {
            Err(error) if error.kind() == PublishErrorKind::StreamNotFound => {
                ensure_dead_letters(jetstream, stream).await?;
                Ok(self.publish(jetstream).await?)
            }
            outcome => Ok(outcome?),
        }
    }

    async fn publish(&self, jetstream: &Context) -> Result<(), PublishError> {
        let subject = format!("dead-letters.{}", self.consumer);
        jetstream
            .publish_with_headers(
                subject,
                self.headers(OffsetDateTime::now_utc()),
                self.body.clone(),
            )
            .await?
            .await?;
        Ok(())
    }

    fn headers(&self, now: OffsetDateTime) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: &str, value: &str| headers.insert(name, one_line(value).as_str());
        set("Nats-Msg-Id", &self.id);
        set("Dead-Letter-Reason", &self.reason);
        set("Dead-Letter-Consumer", &self.consumer);
        set("Dead-Letter-Stream", &self.stream);
        set("Dead-Letter-Sequence", &self.sequence.to_string());
        set("Dead-Letter-Attempts", &self.attempts.to_string());
        // A time of this century can be written in RFC 3339.
        set(
            "Dead-Letter-Time",
            &now.format(&Rfc3339).unwrap_or_default(),
        );
        if let Some(subject) = &self.subject {
            set("Dead-Letter-Subject", subject);
        }
        if let Some(id) = &self.message_id {
            set("Dead-Letter-Message-Id", id);
        }
        if let Some(content_type) = &self.content_type {
            set("Content-Type", content_type);
        }
        headers
    }
}

/// A header ends at its line's end, so a reason with line breaks must not bring headers of its own.
fn one_line(value: &str) -> String {
    value
        .chars()
        .take(REASON_MAX_CHARS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
        headers.get(name).map(|value| value.as_str())
    }

    #[test]
    fn the_headers_say_what_happened_where_and_when() {
        let headers = DeadLetter {
            consumer: "orders".into(),
            id: "orders:7".into(),
            reason: "permanent: no such version".into(),
            attempts: 3,
            subject: Some("ticketing.ticket.created".into()),
            stream: "TICKETING".into(),
            sequence: 7,
            message_id: Some("e1".into()),
            ..DeadLetter::default()
        }
        .headers(OffsetDateTime::UNIX_EPOCH);
        for (name, expected) in [
            ("Nats-Msg-Id", "orders:7"),
            ("Dead-Letter-Reason", "permanent: no such version"),
            ("Dead-Letter-Consumer", "orders"),
            ("Dead-Letter-Subject", "ticketing.ticket.created"),
            ("Dead-Letter-Stream", "TICKETING"),
            ("Dead-Letter-Sequence", "7"),
            ("Dead-Letter-Attempts", "3"),
            ("Dead-Letter-Time", "1970-01-01T00:00:00Z"),
            ("Dead-Letter-Message-Id", "e1"),
        ] {
            assert_eq!(value(&headers, name), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_reason_cannot_bring_headers_of_its_own() {
        let headers = DeadLetter {
            reason: "bad\r\nNats-Msg-Id: forged".into(),
            ..DeadLetter::default()
        }
        .headers(OffsetDateTime::UNIX_EPOCH);
        assert_eq!(
            value(&headers, "Dead-Letter-Reason"),
            Some("bad  Nats-Msg-Id: forged")
        );
    }

    #[test]
    fn a_long_reason_is_cut() {
        assert_eq!(one_line(&"x".repeat(5000)).len(), REASON_MAX_CHARS);
    }
}
