//! The stream of dead letters, read by number and in order.
use anyhow::{Context as _, Result, bail};
use async_nats::jetstream::stream::{LastRawMessageErrorKind, Stream};
use async_nats::jetstream::{self, ErrorCode};

use super::letter::Letter;
use crate::streams::{self, DEAD_LETTER_SUBJECT, DEAD_LETTERS};

/// The dead letters; the stream exists from the first start of a provider on.
pub struct Store(Option<Stream>);

impl Store {
    /// Opens it.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn open(jetstream: &jetstream::Context) -> Result<Self> {
        Ok(Self(streams::find(jetstream, DEAD_LETTERS).await?))
    }

    /// All that are there, the oldest first.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn all(&self) -> Result<Vec<Letter>> {
        let mut letters = Vec::new();
        while let Some(letter) = self.first_from(next_after(&letters)).await? {
            letters.push(letter);
        }
        Ok(letters)
    }

    /// The one with this number.
    ///
    /// # Errors
    /// When there is none, or JetStream does not answer.
    pub async fn get(&self, number: u64) -> Result<Letter> {
        match self.first_from(number).await? {
            Some(letter) if letter.sequence == number => Ok(letter),
            _ => bail!("there is no dead letter {number}"),
        }
    }

    /// Removes the one with this number; one that is gone already is removed.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn delete(&self, number: u64) -> Result<()> {
        let Some(stream) = &self.0 else { return Ok(()) };
        match stream.delete_message(number).await {
            Ok(_) => Ok(()),
            // Two people at once: the other has removed it.
            Err(_) if self.get(number).await.is_err() => Ok(()),
            Err(error) => Err(error).with_context(|| format!("dead letter {number}")),
        }
    }

    /// The first one whose number is at least `number`.
    async fn first_from(&self, number: u64) -> Result<Option<Letter>> {
        let Some(stream) = &self.0 else {
            return Ok(None);
        };
        let any = format!("{DEAD_LETTER_SUBJECT}>");
        match stream.get_first_raw_message_by_subject(any, number).await {
            Ok(message) => Ok(Some(Letter::read(&message))),
            Err(error) => match error.kind() {
                LastRawMessageErrorKind::NoMessageFound => Ok(None),
                LastRawMessageErrorKind::JetStream(answer)
                    if answer.error_code() == ErrorCode::SEQUENCE_NOT_FOUND =>
                {
                    Ok(None)
                }
                _ => Err(error).context("the dead letters cannot be read"),
            },
        }
    }
}

fn next_after(letters: &[Letter]) -> u64 {
    letters.last().map_or(1, |last| last.sequence + 1)
}
