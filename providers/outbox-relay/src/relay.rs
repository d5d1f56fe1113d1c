//! The relay of one outbox: connect, become the only one, move batches, and start over when anything fails.
//!
//! It may stop at any point. What was published and not deleted is published again and recognized by
//! its id; nothing is deleted before it is stored.

use std::time::{Duration, Instant};

use jetstream_kit::{
    Backoff, JetStream, StreamError, ensure_dead_letters, ensure_events, subject_prefix,
};
use provider_kit::Health;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::config::{RelayConfig, Source};
use crate::outbox::{Outbox, OutboxError};
use crate::publish::{PublishFailure, Publisher};
use crate::refused::Refused;
use crate::watch::Watch;

/// Delays between attempts after a failure.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A running relay of one outbox. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Relay {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What a look into the outbox has shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Nothing,
    Some,
    /// There may be more.
    AsManyAsFit,
}

/// Why a relay has to start over.
#[derive(Debug, thiserror::Error)]
enum RelayError {
    #[error(transparent)]
    Outbox(#[from] OutboxError),
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error(transparent)]
    Publish(#[from] PublishFailure),
    #[error("{0}")]
    Refused(String),
}

impl Relay {
    /// Relays `source` from now on. Nothing has to be reachable yet; `health` says under
    /// `outbox <service>` how it goes.
    #[must_use]
    pub fn start(
        source: Source,
        config: &RelayConfig,
        jetstream: JetStream,
        health: &Health,
    ) -> Self {
        let stop = CancellationToken::new();
        let worker = Worker {
            part: format!("outbox {}", source.service),
            prefix: subject_prefix(&config.stream),
            source,
            config: config.clone(),
            jetstream,
            health: health.clone(),
            stop: stop.clone(),
        };
        health.failing(&worker.part, "not connected yet");
        Self {
            stop,
            task: tokio::spawn(worker.run()),
        }
    }

    /// Lets the batch that is on its way finish, at most `deadline`; another relay can take over then.
    pub async fn stop(mut self, deadline: Duration) {
        self.stop.cancel();
        if tokio::time::timeout(deadline, &mut self.task)
            .await
            .is_err()
        {
            self.task.abort();
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The task behind a relay.
struct Worker {
    source: Source,
    config: RelayConfig,
    prefix: String,
    jetstream: JetStream,
    health: Health,
    /// The name of this relay's part in the health report.
    part: String,
    stop: CancellationToken,
}

impl Worker {
    async fn run(self) {
        let service = &self.source.service;
        let mut backoff = Backoff::new(RETRY.0, RETRY.1);
        while !self.stop.is_cancelled() {
            if let Err(error) = self.session(&mut backoff).await {
                warn!(service, %error, "starting over");
                self.health.failing(&self.part, error.to_string());
                tokio::select! {
                    () = self.stop.cancelled() => {}
                    () = tokio::time::sleep(backoff.after_failure()) => {}
                }
            }
        }
        self.health.remove(&self.part);
    }

    /// Relays over one connection until that fails or the relay is stopped.
    async fn session(&self, backoff: &mut Backoff) -> Result<(), RelayError> {
        let outbox = Outbox::connect(&self.source).await?;
        if !self.become_the_only_one(&outbox).await? {
            return Ok(());
        }
        ensure_events(&self.jetstream.context, &self.config.stream).await?;
        ensure_dead_letters(&self.jetstream.context, &self.config.dead_letter_stream).await?;
        info!(service = self.source.service, "relaying");
        let mut refused = Refused::default();
        let mut watch = Watch::new(&outbox, self.config.poll);
        while !self.stop.is_cancelled() {
            let found = self.relay_batch(&outbox, &mut refused).await?;
            backoff.reset();
            match refused.summary() {
                None => self.health.ok(&self.part),
                Some(summary) => self.health.failing(&self.part, summary),
            }
            if found != Found::AsManyAsFit {
                tokio::select! {
                    () = self.stop.cancelled() => {}
                    rested = watch.rest(found == Found::Some) => rested?,
                }
            }
        }
        Ok(())
    }

    /// Waits for the lock; false when the relay is stopped before.
    async fn become_the_only_one(&self, outbox: &Outbox) -> Result<bool, RelayError> {
        while !outbox.try_lock().await? {
            // Another relay does the work, which is as it should be.
            self.health.ok(&self.part);
            tokio::select! {
                () = self.stop.cancelled() => return Ok(false),
                waited = outbox.wait(self.config.poll) => { waited?; }
            }
        }
        Ok(true)
    }

    /// Moves one batch.
    async fn relay_batch(
        &self,
        outbox: &Outbox,
        refused: &mut Refused,
    ) -> Result<Found, RelayError> {
        let left_out = refused.left_out(Instant::now());
        let rows = outbox.read(self.config.batch, &left_out).await?;
        if rows.is_empty() {
            return Ok(Found::Nothing);
        }
        let is_full = u32::try_from(rows.len()).is_ok_and(|read| read >= self.config.batch);
        let found = if is_full {
            Found::AsManyAsFit
        } else {
            Found::Some
        };
        let publisher = Publisher {
            jetstream: &self.jetstream,
            service: &self.source.service,
            prefix: &self.prefix,
            dead_letter_stream: &self.config.dead_letter_stream,
        };
        let outcome = publisher.publish(rows).await;
        if !outcome.stored.is_empty() {
            outbox.delete(&outcome.stored).await?;
        }
        for (seq, why) in outcome.refused {
            warn!(
                service = self.source.service,
                seq, why, "an event is refused"
            );
            refused.add(seq, why, Instant::now());
        }
        match (outcome.failure, refused.summary()) {
            (Some(failure), _) => Err(failure.into()),
            (None, Some(summary)) if refused.are_many() => Err(RelayError::Refused(summary)),
            (None, _) => Ok(found),
        }
    }
}
