//! The streams of the application, as `wadm.yaml` and messaging-jetstream name them, and the way to them: NATS_URL, or the
//! NATS of a running `up`.
use anyhow::{Context as _, Result};
use async_nats::jetstream::consumer::Info;
use async_nats::jetstream::context::GetStreamErrorKind;
use async_nats::jetstream::stream::Stream;
use async_nats::jetstream::{self, ErrorCode};
use futures::TryStreamExt as _;

use crate::cli::Streams;
use crate::data::Data;
use crate::endpoints::Endpoints;
use crate::{lattice, settings};

/// Every event that was ever told.
pub const EVENTS: &str = "TICKETING";
/// The events that a consumer has given up.
pub const DEAD_LETTERS: &str = "TICKETING_DEAD_LETTERS";
/// What a dead letter's subject begins with; its consumer follows.
pub const DEAD_LETTER_SUBJECT: &str = "dead-letters.";

/// Connects to where the streams are.
///
/// # Errors
/// When neither NATS_URL nor a running `up` says where, or nobody answers there.
pub async fn connect(place: &Streams) -> Result<jetstream::Context> {
    let nats = match settings::nats(place.nats_url.as_deref())? {
        Some(nats) => nats,
        None => running(place)
            .context("NATS_URL is not set")?
            .context("NATS_URL is not set and no up is running here")?,
    };
    Ok(jetstream::new(lattice::connect(&nats).await?))
}

fn running(place: &Streams) -> Result<Option<String>> {
    let endpoints = Endpoints::running(&Data::of(&place.place)?)?;
    Ok(endpoints.map(|endpoints| endpoints.nats))
}

/// The stream `name`; `None` when there is none yet.
///
/// # Errors
/// When JetStream does not answer.
pub async fn find(jetstream: &jetstream::Context, name: &str) -> Result<Option<Stream>> {
    match jetstream.get_stream(name).await {
        Ok(stream) => Ok(Some(stream)),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(answer)
                if answer.error_code() == ErrorCode::STREAM_NOT_FOUND =>
            {
                Ok(None)
            }
            _ => Err(error).with_context(|| format!("stream {name}")),
        },
    }
}

/// The durable consumers of a stream: one for each service that hears of others.
///
/// # Errors
/// When JetStream does not answer.
pub async fn durable_consumers(stream: &Stream) -> Result<Vec<Info>> {
    let all: Vec<Info> = stream
        .consumers()
        .try_collect()
        .await
        .context("the consumers cannot be listed")?;
    let durable = all
        .into_iter()
        .filter(|consumer| consumer.config.durable_name.is_some());
    Ok(durable.collect())
}
