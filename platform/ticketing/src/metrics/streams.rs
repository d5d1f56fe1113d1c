//! What the streams tell: how far each service is behind, and what it could not handle.
use anyhow::{Context as _, Result};
use async_nats::jetstream::{self, stream};
use futures::TryStreamExt as _;

use super::families::{Consumer, Families, Stream};
use crate::streams::{DEAD_LETTER_SUBJECT, DEAD_LETTERS, EVENTS};

/// Measures both streams. The dead letters' exists from the first one on.
///
/// # Errors
/// When JetStream does not answer, or has no stream of events.
pub async fn measure(client: &async_nats::Client, families: &Families) -> Result<()> {
    let jetstream = jetstream::new(client.clone());
    let events = jetstream
        .get_stream(EVENTS)
        .await
        .with_context(|| format!("stream {EVENTS}"))?;
    size(families, EVENTS, &events.cached_info().state);
    let mut consumers = events.consumers();
    while let Some(info) = consumers.try_next().await.context("consumers")? {
        let consumer = Consumer {
            consumer: info.name,
        };
        let unacknowledged = saturated(info.num_ack_pending as u64);
        let pending = saturated(info.num_pending);
        families
            .consumer_pending
            .get_or_create(&consumer)
            .set(pending);
        let given = families.consumer_unacknowledged.get_or_create(&consumer);
        given.set(unacknowledged);
        drop(given);
        let redelivered = saturated(info.num_redelivered as u64);
        families
            .consumer_redelivered
            .get_or_create(&consumer)
            .set(redelivered);
        // An alert needs the 0.
        families.dead_letters.get_or_create(&consumer).set(0);
    }
    let Ok(letters) = jetstream.get_stream(DEAD_LETTERS).await else {
        return Ok(());
    };
    size(families, DEAD_LETTERS, &letters.cached_info().state);
    let mut subjects = letters
        .info_with_subjects(format!("{DEAD_LETTER_SUBJECT}>"))
        .await
        .context("dead letters by consumer")?;
    while let Some((subject, count)) = subjects.try_next().await.context("dead letters")? {
        let consumer = subject.trim_start_matches(DEAD_LETTER_SUBJECT).to_owned();
        let count = saturated(count as u64);
        families
            .dead_letters
            .get_or_create(&Consumer { consumer })
            .set(count);
    }
    Ok(())
}

fn size(families: &Families, stream: &str, state: &stream::State) {
    let stream = Stream {
        stream: stream.to_owned(),
    };
    families
        .stream_messages
        .get_or_create(&stream)
        .set(saturated(state.messages));
    families
        .stream_bytes
        .get_or_create(&stream)
        .set(saturated(state.bytes));
}

fn saturated(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
