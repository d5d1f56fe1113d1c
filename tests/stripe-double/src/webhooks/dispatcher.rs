//! The dispatcher sends what is owed, each delivery again with growing delay until its endpoint answers 2xx.
//! Deliveries do not wait for one another, so they arrive in any order, as Stripe's do.

use super::policy::Treatment;
use super::{Delivery, DeliveryState, Endpoint, Policy, sign};
use crate::clock::SignatureClock;
use crate::objects::Event;
use crate::store::{Change, Origin, Store};
use serde::Deserialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// An endpoint that has not answered by then has failed.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// How a failed attempt is repeated.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// Before the second attempt; doubles from there.
    pub first: Duration,
    /// The longest wait between two attempts.
    pub max: Duration,
}

impl Retry {
    fn delay(self, attempts: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempts.saturating_sub(1).min(20));
        self.first.saturating_mul(factor).min(self.max)
    }
}

/// The order in which held deliveries are let go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseOrder {
    /// As their events happened.
    #[default]
    Oldest,
    /// The last first.
    Newest,
    /// At random.
    Shuffled,
}

/// Sends deliveries.
pub struct Dispatcher {
    store: Arc<Store>,
    clock: Arc<SignatureClock>,
    retry: Retry,
    http: reqwest::Client,
    policy: Mutex<Policy>,
    /// Ids of deliveries that wait for a release, in the order they were held.
    held: Mutex<Vec<String>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Dispatcher {
    /// A dispatcher that ends its tasks when `stop` is cancelled.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new(
        store: Arc<Store>,
        clock: Arc<SignatureClock>,
        retry: Retry,
        stop: CancellationToken,
    ) -> Result<Self, reqwest::Error> {
        let http = reqwest::Client::builder()
            .timeout(ANSWER_TIMEOUT)
            // Stripe takes a redirect for a failure.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("Stripe/1.0 (+https://stripe.com/docs/webhooks)")
            .build()?;
        Ok(Self {
            store,
            clock,
            retry,
            http,
            policy: Mutex::default(),
            held: Mutex::default(),
            tasks: TaskTracker::new(),
            stop,
        })
    }

    /// Takes deliveries from the queue until the double stops, those left from an earlier run first.
    pub async fn run(self: Arc<Self>, mut queue: mpsc::UnboundedReceiver<String>) {
        let owed: Vec<String> = self.store.read(|books| {
            let pending = books
                .deliveries
                .oldest_first()
                .filter(|delivery| delivery.is_pending());
            pending.map(|delivery| delivery.id.clone()).collect()
        });
        for delivery in owed {
            self.spawn(delivery);
        }
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                delivery = queue.recv() => match delivery {
                    Some(delivery) => self.accept(delivery).await,
                    None => break,
                },
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    async fn accept(self: &Arc<Self>, id: String) {
        let Some((delivery, _, _)) = self.look_up(&id) else {
            return;
        };
        let treatment = lock(&self.policy).treat(&delivery.kind);
        match treatment {
            Treatment::Drop => self.settle(&id, DeliveryState::Dropped).await,
            Treatment::Hold => lock(&self.held).push(id),
            Treatment::Send { copies } => (0..copies).for_each(|_| self.spawn(id.clone())),
        }
    }

    /// Sends an event once more to every endpoint that wants it, as the dashboard's "Resend" does.
    /// Returns how many that were; `None` for an unknown event.
    pub fn resend(self: &Arc<Self>, event: &str) -> Option<usize> {
        let (event, endpoints) = self.store.read(|books| {
            let event = books.events.get(event)?.clone();
            let endpoints = books
                .endpoints
                .oldest_first()
                .filter(|endpoint| endpoint.wants(&event.kind));
            let endpoints: Vec<_> = endpoints.cloned().collect();
            Some((event, endpoints))
        })?;
        let count = endpoints.len();
        for endpoint in endpoints {
            let (this, event) = (Arc::clone(self), event.clone());
            self.tasks.spawn(async move {
                let _ = this
                    .stop
                    .run_until_cancelled(this.post(&event, &endpoint))
                    .await;
            });
        }
        Some(count)
    }

    /// The policy in force.
    pub fn policy(&self) -> Policy {
        lock(&self.policy).clone()
    }

    /// Replaces the policy. What is held stays held until it is released.
    pub fn set_policy(&self, policy: Policy) {
        *lock(&self.policy) = policy;
    }

    /// Ids of the deliveries that wait for a release.
    pub fn held(&self) -> Vec<String> {
        lock(&self.held).clone()
    }

    /// Lets held deliveries go, one after the other in the given order; returns their ids in that order.
    /// `only` names the events to let go, empty for all. Holding ends unless `keep_holding`.
    pub fn release(
        self: &Arc<Self>,
        order: ReleaseOrder,
        only: &[String],
        keep_holding: bool,
    ) -> Vec<String> {
        if !keep_holding {
            lock(&self.policy).hold = false;
        }
        let mut released: Vec<String> = {
            let mut held = lock(&self.held);
            let (released, kept) = held.drain(..).partition(|id| {
                only.is_empty()
                    || self
                        .look_up(id)
                        .is_some_and(|(delivery, _, _)| only.contains(&delivery.event))
            });
            *held = kept;
            released
        };
        match order {
            ReleaseOrder::Oldest => {}
            ReleaseOrder::Newest => released.reverse(),
            ReleaseOrder::Shuffled => {
                use rand::seq::SliceRandom;
                released.shuffle(&mut rand::rng());
            }
        }
        let (this, queue) = (Arc::clone(self), released.clone());
        self.tasks.spawn(async move {
            for id in queue {
                // The first attempts keep the order; a failed one goes on by itself.
                match this.stop.run_until_cancelled(this.attempt(&id)).await {
                    Some(Attempt::Again(delay)) => this.spawn_after(id, delay),
                    Some(Attempt::Over) => {}
                    None => return,
                }
            }
        });
        released
    }

    /// Forgets what is held and ends the policy.
    pub fn reset(&self) {
        self.set_policy(Policy::default());
        lock(&self.held).clear();
    }

    fn spawn(self: &Arc<Self>, id: String) {
        self.spawn_after(id, Duration::ZERO);
    }

    fn spawn_after(self: &Arc<Self>, id: String, mut delay: Duration) {
        let this = Arc::clone(self);
        self.tasks.spawn(async move {
            let until_acknowledged = async {
                loop {
                    tokio::time::sleep(delay).await;
                    if this.hold_back(&id) {
                        return;
                    }
                    match this.attempt(&id).await {
                        Attempt::Again(next) => delay = next,
                        Attempt::Over => return,
                    }
                }
            };
            let _ = this.stop.run_until_cancelled(until_acknowledged).await;
        });
    }

    /// Holds a delivery that is about to be repeated while the policy holds its type.
    fn hold_back(&self, id: &str) -> bool {
        let Some((delivery, _, _)) = self.look_up(id) else {
            return false;
        };
        // A first attempt was let through on purpose; its copies are too.
        let holds = delivery.attempts > 0 && lock(&self.policy).holds(&delivery.kind);
        if holds {
            lock(&self.held).push(id.to_owned());
        }
        holds
    }

    /// A delivery with its event and endpoint, while all three exist.
    fn look_up(&self, id: &str) -> Option<(Delivery, Event, Endpoint)> {
        self.store.read(|books| {
            let delivery = books.deliveries.get(id)?;
            let event = books.events.get(&delivery.event)?;
            let endpoint = books.endpoints.get(&delivery.endpoint)?;
            Some((delivery.clone(), event.clone(), endpoint.clone()))
        })
    }

    async fn attempt(&self, id: &str) -> Attempt {
        let Some((_, event, endpoint)) = self.look_up(id) else {
            // Reset, or its endpoint was removed: nobody is owed anything any more.
            return Attempt::Over;
        };
        let (acknowledged, result) = self.post(&event, &endpoint).await;
        let mut attempts = 1;
        self.store.note(|books| {
            if let Some(delivery) = books.deliveries.get_mut(id) {
                delivery.attempts += 1;
                delivery.last_result = Some(result);
                attempts = delivery.attempts;
            }
        });
        if acknowledged {
            self.settle(id, DeliveryState::Delivered).await;
            Attempt::Over
        } else {
            Attempt::Again(self.retry.delay(attempts))
        }
    }

    /// One POST: whether it was acknowledged, and what came back in words.
    async fn post(&self, event: &Event, endpoint: &Endpoint) -> (bool, String) {
        let pending = self.store.read(|books| books.pending_webhooks(&event.id));
        // Stripe's payloads are indented; whoever re-serialises one before checking its signature finds out here.
        let payload = format!("{:#}", event.json(pending));
        let signature = sign(&endpoint.secret, self.clock.now(), &payload);
        let request = self
            .http
            .post(&endpoint.url)
            .header("Content-Type", "application/json; charset=utf-8")
            .header("Stripe-Signature", signature)
            .body(payload);
        match request.send().await {
            Ok(answer) => (
                answer.status().is_success(),
                answer.status().as_u16().to_string(),
            ),
            Err(error) => {
                tracing::debug!(url = endpoint.url, event = event.id, %error, "webhook not delivered");
                (false, error.to_string())
            }
        }
    }

    async fn settle(&self, id: &str, state: DeliveryState) {
        let settled = self.store.transact(Origin::default(), |tx| {
            // Gone after a reset, and then not to be brought back.
            if let Some(delivery) = tx.books().deliveries.get(id).cloned() {
                tx.record(Change::Delivery(delivery.settled(state)));
            }
        });
        if let Err(error) = settled.await {
            tracing::error!(%error, "a settled delivery was not journaled and will be sent again after a restart");
        }
    }
}

enum Attempt {
    Again(Duration),
    Over,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_its_limit() {
        let retry = Retry {
            first: Duration::from_millis(100),
            max: Duration::from_millis(350),
        };
        let waits: Vec<_> = (1..=4)
            .map(|attempts| retry.delay(attempts).as_millis())
            .collect();
        assert_eq!(waits, [100, 200, 350, 350]);
    }
}
