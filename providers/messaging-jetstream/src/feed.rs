//! A feed: the messages of one durable consumer, handed to one component until it is stopped.
//!
//! It attaches (stream, dead letters and consumer exist), pulls as many messages as there is room for,
//! and attaches again whenever pulling fails: a server that was restarted or a consumer that was deleted
//! needs nobody's help.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::stream::ConsumerError;
use jetstream_kit::{Backoff, JetStream, StreamError, ensure_dead_letters, ensure_events};
use provider_kit::Health;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::config::FeedConfig;
use crate::consumer;
use crate::delivery::Delivery;
use crate::failures::Failures;
use crate::handler::Handler;
use crate::outage::Outage;
use crate::pull::{PullError, Puller};

/// How long JetStream may take to answer while attaching.
const API_TIMEOUT: Duration = Duration::from_secs(2);
/// Delays between attempts to attach.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// How often one message is tried while the component answers nobody.
const PROBE_EVERY: Duration = Duration::from_millis(500);

/// A running feed. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Feed {
    config: FeedConfig,
    client: async_nats::Client,
    stop: CancellationToken,
    pulling: JoinHandle<()>,
    /// The messages in flight.
    in_flight: TaskTracker,
}

/// Why a feed is not attached.
#[derive(Debug, thiserror::Error)]
enum FeedError {
    #[error(transparent)]
    Stream(#[from] StreamError),
    #[error("consumer {0}: {1}")]
    Consumer(String, String),
    #[error("consumer {0}: {1}")]
    Pull(String, PullError),
}

impl Feed {
    /// Feeds `handler` from now on. Nothing has to be reachable yet; `health` says under
    /// `feed <name>` whether messages are pulled and under `handler <name>` whether they are answered.
    pub fn start(
        name: &str,
        config: FeedConfig,
        mut jetstream: JetStream,
        handler: impl Handler,
        health: &Health,
    ) -> Self {
        jetstream.context.set_timeout(API_TIMEOUT);
        let stop = CancellationToken::new();
        let in_flight = TaskTracker::new();
        let client = jetstream.client.clone();
        let puller = Pulling {
            room: Arc::new(Semaphore::new(config.max_in_flight)),
            in_flight: in_flight.clone(),
            stop: stop.clone(),
            health: health.clone(),
            part: format!("feed {name}"),
            delivery: Arc::new(Delivery {
                config: config.clone(),
                jetstream,
                handler,
                failures: Failures::default(),
                outage: Outage::default(),
                health: health.clone(),
                part: format!("handler {name}"),
                stop: stop.clone(),
            }),
        };
        health.failing(&puller.part, "not attached yet");
        Self {
            config,
            client,
            stop,
            pulling: tokio::spawn(puller.run()),
            in_flight,
        }
    }

    /// What it was started with.
    #[must_use]
    pub fn config(&self) -> &FeedConfig {
        &self.config
    }

    /// Stops pulling and waits until what is in flight is settled, at most `deadline`. What is not
    /// settled by then is delivered again, here or elsewhere.
    pub async fn drain(mut self, deadline: Duration) {
        self.stop.cancel();
        let drained = async {
            // It ends without an error: it neither panics nor is aborted.
            let _ = (&mut self.pulling).await;
            self.in_flight.close();
            self.in_flight.wait().await;
            // So that the last acknowledgements have left. Without a server there is nobody to tell.
            let _ = self.client.flush().await;
        };
        if tokio::time::timeout(deadline, drained).await.is_err() {
            let consumer = &self.config.consumer;
            warn!(%consumer, unsettled = self.in_flight.len(), "stopped with messages in flight");
        }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The task behind a feed.
struct Pulling<H> {
    delivery: Arc<Delivery<H>>,
    /// One permit for each message that may be in flight; only this task takes them.
    room: Arc<Semaphore>,
    in_flight: TaskTracker,
    stop: CancellationToken,
    health: Health,
    /// The name of this feed's part in the health report.
    part: String,
}

impl<H: Handler> Pulling<H> {
    async fn run(self) {
        let stop = self.stop.clone();
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.attach_for_ever() => {}
        }
        self.health.remove(&self.part);
        self.health.remove(&self.delivery.part);
    }

    async fn attach_for_ever(&self) {
        let consumer = &self.delivery.config.consumer;
        let mut backoff = Backoff::new(RETRY.0, RETRY.1);
        loop {
            match self.attach().await {
                Ok(()) => {
                    info!(%consumer, "attached");
                    self.health.ok(&self.part);
                    backoff.reset();
                    let Err(error) = self.pull().await;
                    warn!(%consumer, %error, "attaching again");
                    self.health.failing(&self.part, error.to_string());
                }
                Err(error) => {
                    warn!(%consumer, %error, "cannot attach yet");
                    self.health.failing(&self.part, error.to_string());
                }
            }
            tokio::time::sleep(backoff.after_failure()).await;
        }
    }

    /// Makes sure that the streams and the durable consumer exist, with this feed's settings.
    async fn attach(&self) -> Result<(), FeedError> {
        let config = &self.delivery.config;
        let jetstream = &self.delivery.jetstream.context;
        ensure_dead_letters(jetstream, &config.dead_letter_stream).await?;
        let stream = ensure_events(jetstream, &config.stream).await?;
        let failed =
            |error: ConsumerError| FeedError::Consumer(config.consumer.clone(), error.to_string());
        consumer::ensure(&stream, config).await.map_err(failed)
    }

    /// Pulls until that fails.
    async fn pull(&self) -> Result<std::convert::Infallible, FeedError> {
        let config = &self.delivery.config;
        let failed = |error| FeedError::Pull(config.consumer.clone(), error);
        let mut puller = Puller::open(&self.delivery.jetstream, &config.stream, &config.consumer)
            .await
            .map_err(failed)?;
        loop {
            let mut owed = self.wait_for_room().await;
            puller.request(owed).await.map_err(failed)?;
            while owed > 0 {
                let Some(message) = puller.next().await.map_err(failed)? else {
                    break;
                };
                owed -= 1;
                let room = self.take_room().await;
                let delivery = Arc::clone(&self.delivery);
                self.in_flight.spawn(async move {
                    delivery.deliver(message).await;
                    drop(room);
                });
            }
        }
    }

    /// How many messages to ask for next.
    ///
    /// A quarter of the room must be free, so that a busy feed does not ask for every single message.
    /// While the component answers nobody it is one at a time, with a pause.
    async fn wait_for_room(&self) -> usize {
        let all = self.delivery.config.max_in_flight;
        self.wait_for_free(all.div_ceil(4)).await;
        if self.delivery.outage.is_on() {
            self.wait_for_free(all).await;
            tokio::time::sleep(PROBE_EVERY).await;
            return 1;
        }
        self.room.available_permits()
    }

    async fn wait_for_free(&self, permits: usize) {
        // The semaphore is never closed, so this only fails to give permits back a moment later.
        let permits = u32::try_from(permits).unwrap_or(u32::MAX);
        drop(self.room.acquire_many(permits).await);
    }

    async fn take_room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.room).acquire_owned().await.ok()
    }
}
