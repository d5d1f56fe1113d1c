//! Handling an event after all: it is published once more, and the dead letter removed when the stream has it.
use anyhow::{Context as _, Result, ensure};
use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_STREAM, NATS_MESSAGE_ID};
use async_nats::jetstream;
use async_nats::jetstream::context::Publish;

use super::letter::Letter;
use super::store::Store;

/// Publishes the event again, as it was, and removes the dead letter. Gives what was done, in words.
///
/// All consumers of its subject get it again. Those that have handled it know its id, so it is handled by the one that
/// has not. Between publishing and removing this may be interrupted: done again, the stream knows the message.
///
/// # Errors
/// When it never was an event, or the stream does not acknowledge it; the dead letter is still there then.
pub async fn replay(
    jetstream: &jetstream::Context,
    store: &Store,
    letter: &Letter,
) -> Result<String> {
    ensure!(
        !letter.subject.is_empty(),
        "{letter} was given up before it was an event: mend the row in its service, and drop it"
    );
    let message = Publish::build()
        .headers(headers(letter))
        .payload(letter.body.clone().into());
    let failed = || format!("{letter} is not published again");
    let stored = jetstream
        .send_publish(letter.subject.clone(), message)
        .await
        .with_context(failed)?
        .await
        .with_context(failed)?;
    store.delete(letter.sequence).await?;
    let again = if stored.duplicate { "already " } else { "" };
    Ok(format!(
        "replayed {letter}, {again}message {} of {}",
        stored.sequence, stored.stream
    ))
}

fn headers(letter: &Letter) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, message_id(letter).as_str());
    if !letter.content_type.is_empty() {
        headers.insert("Content-Type", letter.content_type.as_str());
    }
    // Whatever a header says: into the stream that it is from, and no other.
    headers.insert(NATS_EXPECTED_STREAM, letter.stream.as_str());
    headers
}

/// Not the event's own message id, which the stream may still remember, and would take for a repetition. The same for the
/// same letter, so that a replay that was interrupted publishes once.
fn message_id(letter: &Letter) -> String {
    if letter.id.is_empty() {
        format!("replay:{}", letter.sequence)
    } else {
        format!("replay:{}", letter.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_is_no_repetition_of_the_event_and_one_of_itself() {
        let letter = Letter {
            id: "orders:7".to_owned(),
            message_id: "e1".to_owned(),
            ..Letter::default()
        };
        assert_eq!(message_id(&letter), "replay:orders:7");
        assert_eq!(message_id(&letter), message_id(&letter.clone()));
    }

    #[test]
    fn an_event_goes_back_to_the_stream_that_it_is_from() {
        let letter = Letter {
            stream: "TICKETING".to_owned(),
            content_type: "application/cloudevents+json".to_owned(),
            ..Letter::default()
        };
        let headers = headers(&letter);
        let stream = headers
            .get(NATS_EXPECTED_STREAM)
            .map(|value| value.as_str());
        assert_eq!(stream, Some("TICKETING"));
        let content_type = headers.get("Content-Type").map(|value| value.as_str());
        assert_eq!(content_type, Some("application/cloudevents+json"));
    }
}
