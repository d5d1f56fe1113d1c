//! A ticker: invokes one component when a tick is due and this instance has claimed it.
//!
//! Ticks that pass while nothing works are not made up for one by one: the latest is claimed, then the
//! schedule goes on. While a component is being invoked this instance claims nothing for it.

use std::time::Duration;

use async_nats::jetstream::Context;
use chrono::Utc;
use jetstream_kit::{Backoff, JetStream};
use provider_kit::Health;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};
use uuid::Uuid;

use crate::config::CronConfig;
use crate::ledger::{Claim, Ledger, LedgerError};
use crate::scheduled::Scheduled;

/// How long JetStream may take to answer.
const API_TIMEOUT: Duration = Duration::from_secs(2);
/// Delays between attempts while JetStream does not answer.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// The clock is looked at this often, so that one that is set right is noticed.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Failed invocations in a row that make the provider unhealthy; a single reply may get lost.
const UNHEALTHY_AFTER: u32 = 3;

/// A running ticker. Dropping it stops it without waiting.
#[derive(Debug)]
pub struct Ticker {
    config: CronConfig,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Ticker {
    /// Ticks from now on. Nothing has to be reachable yet; `health` says under `schedule <key>` whether
    /// ticks can be claimed and under `component <key>` whether the invocations succeed.
    pub fn start(
        key: String,
        config: CronConfig,
        bucket: &str,
        jetstream: &JetStream,
        scheduled: impl Scheduled,
        health: &Health,
    ) -> Self {
        let stop = CancellationToken::new();
        let mut context = jetstream.context.clone();
        context.set_timeout(API_TIMEOUT);
        let worker = Worker {
            schedule_part: format!("schedule {key}"),
            component_part: format!("component {key}"),
            key,
            config: config.clone(),
            bucket: bucket.to_owned(),
            context,
            scheduled,
            health: health.clone(),
            claimant: Uuid::new_v4().to_string(),
            failed: 0,
            stop: stop.clone(),
        };
        health.failing(&worker.schedule_part, "not started yet");
        Self {
            config,
            stop,
            task: tokio::spawn(worker.run()),
        }
    }

    /// What it was started with.
    #[must_use]
    pub fn config(&self) -> &CronConfig {
        &self.config
    }

    /// Lets an invocation that is under way finish, at most `deadline`.
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

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The task behind a ticker.
struct Worker<S> {
    key: String,
    config: CronConfig,
    bucket: String,
    context: Context,
    scheduled: S,
    health: Health,
    schedule_part: String,
    component_part: String,
    claimant: String,
    /// Invocations that failed in a row.
    failed: u32,
    stop: CancellationToken,
}

impl<S: Scheduled> Worker<S> {
    async fn run(mut self) {
        let mut backoff = Backoff::new(RETRY.0, RETRY.1);
        while let Err(error) = self.tick_until_stopped(&mut backoff).await {
            warn!(schedule = self.key, %error, "no tick can be claimed now");
            self.health.failing(&self.schedule_part, error.to_string());
            self.pause(backoff.after_failure()).await;
        }
        self.health.remove(&self.schedule_part);
        self.health.remove(&self.component_part);
    }

    /// Claims and fires until the ticker is stopped.
    async fn tick_until_stopped(&mut self, backoff: &mut Backoff) -> Result<(), LedgerError> {
        if self.stop.is_cancelled() {
            return Ok(());
        }
        let mut ledger =
            Ledger::open(&self.context, &self.bucket, &self.key, &self.claimant).await?;
        info!(schedule = self.key, "ticking");
        while !self.stop.is_cancelled() {
            let now = Utc::now().timestamp_millis();
            if let Some(tick) = self.config.schedule.latest(now)
                && ledger.claim(tick).await? == Claim::Won
            {
                debug!(schedule = self.key, tick, "firing");
                self.fire().await;
            }
            self.health.ok(&self.schedule_part);
            backoff.reset();
            self.pause(self.until_next()).await;
        }
        Ok(())
    }

    async fn fire(&mut self) {
        match self.scheduled.invoke(self.config.payload.clone()).await {
            Ok(()) => {
                self.failed = 0;
                self.health.ok(&self.component_part);
            }
            Err(why) => {
                self.failed = self.failed.saturating_add(1);
                let failed = self.failed;
                error!(schedule = self.key, failed, why, "an invocation failed");
                if failed >= UNHEALTHY_AFTER {
                    let message = format!("{failed} invocations in a row failed: {why}");
                    self.health.failing(&self.component_part, message);
                }
            }
        }
    }

    /// How long to wait for the next tick by the clock of now.
    fn until_next(&self) -> Duration {
        let now = Utc::now().timestamp_millis();
        self.config
            .schedule
            .next(now)
            .and_then(|tick| u64::try_from(tick - now).ok())
            .map_or(LOOK_EVERY, |millis| {
                Duration::from_millis(millis).min(LOOK_EVERY)
            })
    }

    async fn pause(&self, time: Duration) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(time) => {}
        }
    }
}
