//! The streams: one of events, one of dead letters, both on disk, created when they are missing.
//! Every provider creates them alike, so that it does not matter which comes first.

use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::CreateStreamError;
use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType, Stream};

/// Where dead letters are published: `dead-letters.<consumer>`.
pub const DEAD_LETTER_SUBJECT: &str = "dead-letters.>";

/// How long a stream remembers message ids, so that a message published twice is kept once.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(600);

/// A stream is missing and could not be created.
#[derive(Debug, thiserror::Error)]
#[error("stream {name}: {source}")]
pub struct StreamError {
    name: String,
    source: CreateStreamError,
}

/// What the subjects of an event stream begin with: its name in lower case.
///
/// ```
/// assert_eq!(jetstream_kit::subject_prefix("TICKETING"), "ticketing");
/// ```
#[must_use]
pub fn subject_prefix(stream: &str) -> String {
    stream.to_ascii_lowercase()
}

/// The event stream `name` with the subjects `<name in lower case>.>`. One that exists is left as it is.
///
/// # Errors
/// When JetStream does not answer, or refuses the name.
pub async fn ensure_events(jetstream: &Context, name: &str) -> Result<Stream, StreamError> {
    ensure(jetstream, name, format!("{}.>", subject_prefix(name))).await
}

/// The dead-letter stream `name` with the subjects `dead-letters.>`. One that exists is left as it is.
///
/// # Errors
/// When JetStream does not answer, or refuses the name.
pub async fn ensure_dead_letters(jetstream: &Context, name: &str) -> Result<Stream, StreamError> {
    ensure(jetstream, name, DEAD_LETTER_SUBJECT.to_owned()).await
}

async fn ensure(jetstream: &Context, name: &str, subjects: String) -> Result<Stream, StreamError> {
    jetstream
        .get_or_create_stream(Config {
            name: name.to_owned(),
            subjects: vec![subjects],
            // Nothing is removed: a service can be rebuilt by replaying the stream.
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            duplicate_window: DUPLICATE_WINDOW,
            ..Config::default()
        })
        .await
        .map_err(|source| StreamError {
            name: name.to_owned(),
            source,
        })
}
