//! Events in batches: while a call is under way those that arrive wait, and the next call takes them all.

use std::future::Future;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::handler::{Event, Failure, Handler};

/// The most bytes of bodies in a call. What is beyond goes with the next: a host takes a call's parameters in whole.
const MAX_BYTES: usize = 1024 * 1024;

/// How many events a call may have, and when another begins beside one that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchRules {
    /// The most events in a call.
    pub max_batch: usize,
    /// The most calls at a time.
    pub max_calls: usize,
    /// How long the call before is waited for.
    pub next_call_after: Duration,
}

/// Handles several events in one call.
pub trait BatchHandler: Send + Sync + 'static {
    /// Handles events, and answers with one result for each, in their order. An error of the whole means that nobody
    /// answered.
    fn handle_all(
        &self,
        events: Vec<Event>,
    ) -> impl Future<Output = Result<Vec<Result<(), String>>, String>> + Send;
}

/// A [`Handler`] that gathers the events that it is given at a time into calls of a [`BatchHandler`].
///
/// Nothing waits for a batch to fill: a call takes what is there. One call at a time makes the largest batches, and so the
/// least work; another begins beside it when its batch is full anyhow, or when the one before is slow, so that one that is
/// never answered holds up nobody for long. An
/// event whose call was not answered before goes alone, and beside the others: it may be the one that the component dies of.
pub struct Batches<B> {
    handler: Arc<B>,
    queue: UnboundedSender<Waiting>,
    /// For calls with one event that was not answered before.
    alone: Semaphore,
}

/// An event that waits for its call. How many there are, the feed's `max_in_flight` says.
struct Waiting {
    event: Event,
    answer: oneshot::Sender<Result<(), Failure>>,
}

impl<B: BatchHandler> Batches<B> {
    /// Calls `handler` from now on. Must run inside a Tokio runtime.
    pub fn start(handler: B, rules: BatchRules) -> Self {
        let handler = Arc::new(handler);
        let (queue, waiting) = unbounded_channel();
        // It ends when the queue does, that is with `Self`.
        tokio::spawn(call_for_ever(Arc::clone(&handler), waiting, rules));
        Self {
            handler,
            queue,
            alone: Semaphore::new(rules.max_calls),
        }
    }
}

impl<B: BatchHandler> Handler for Batches<B> {
    async fn handle(&self, event: Event) -> Result<(), Failure> {
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { event, answer };
        if waiting.event.was_unanswered {
            // The semaphore is never closed.
            let _permit = self.alone.acquire().await;
            call(&*self.handler, vec![waiting]).await;
        } else if self.queue.send(waiting).is_err() {
            return Err(stopped());
        }
        answered.await.unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> Failure {
    Failure::Unanswered {
        why: "the feed was stopped".to_owned(),
        is_counted: false,
    }
}

/// Takes what waits and calls with it, again and again.
async fn call_for_ever<B: BatchHandler>(
    handler: Arc<B>,
    mut queue: UnboundedReceiver<Waiting>,
    rules: BatchRules,
) {
    let calls = Arc::new(Semaphore::new(rules.max_calls));
    let mut batch = Vec::new();
    // The semaphore is never closed.
    while let Ok(permit) = Arc::clone(&calls).acquire_owned().await {
        if batch.is_empty() && queue.recv_many(&mut batch, rules.max_batch).await == 0 {
            return;
        }
        let (handler, taken) = (Arc::clone(&handler), mem::take(&mut batch));
        let call = tokio::spawn(async move {
            call_in_parts(&*handler, taken).await;
            drop(permit);
        });
        tokio::select! {
            // Whether it has ended or is slow: it is left to itself.
            _ = timeout(rules.next_call_after, call) => {}
            () = fill(&mut batch, &mut queue, rules.max_batch) => {}
        }
    }
}

/// Takes what comes until `batch` is full.
async fn fill(batch: &mut Vec<Waiting>, queue: &mut UnboundedReceiver<Waiting>, full: usize) {
    while batch.len() < full {
        if queue.recv_many(batch, full - batch.len()).await == 0 {
            // Nothing comes any more.
            return std::future::pending().await;
        }
    }
}

/// Calls with all of `batch`, as much at a time as a call may carry.
async fn call_in_parts<B: BatchHandler>(handler: &B, mut batch: Vec<Waiting>) {
    while !batch.is_empty() {
        let rest = batch.split_off(within(&batch, MAX_BYTES));
        call(handler, batch).await;
        batch = rest;
    }
}

/// How many of the first events have `limit` bytes together at most; at least one.
fn within(batch: &[Waiting], limit: usize) -> usize {
    let mut bytes = 0_usize;
    let fitting = batch.iter().take_while(|waiting| {
        bytes = bytes.saturating_add(waiting.event.body.len());
        bytes <= limit
    });
    fitting.count().max(1)
}

/// Makes one call, and gives each event its answer.
async fn call<B: BatchHandler>(handler: &B, mut batch: Vec<Waiting>) {
    // Nobody waits any more for one whose time is over: it is delivered again.
    batch.retain(|waiting| !waiting.answer.is_closed());
    if batch.is_empty() {
        return;
    }
    let (events, answers): (Vec<Event>, Vec<_>) = batch
        .into_iter()
        .map(|waiting| (waiting.event, waiting.answer))
        .unzip();
    let outcome = match handler.handle_all(events).await {
        Ok(results) if results.len() == answers.len() => Ok(results),
        Ok(results) => Err(format!(
            "{} events, but {} results",
            answers.len(),
            results.len()
        )),
        Err(why) => Err(why),
    };
    // One whose time is over meanwhile takes no answer.
    match outcome {
        Ok(results) => {
            for (answer, result) in answers.into_iter().zip(results) {
                let _ = answer.send(result.map_err(Failure::Refused));
            }
        }
        Err(why) => {
            for (index, answer) in answers.into_iter().enumerate() {
                let _ = answer.send(Err(Failure::Unanswered {
                    why: why.clone(),
                    is_counted: index > 0,
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::poll;
    use std::pin::pin;
    use std::task::Poll;
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    const ONE_CALL: BatchRules = BatchRules {
        max_batch: 3,
        max_calls: 1,
        next_call_after: Duration::from_secs(60),
    };

    /// Tells the test of each call, and answers it when the test lets it.
    struct Gated {
        calls: UnboundedSender<Vec<String>>,
        gate: Arc<Semaphore>,
    }

    impl BatchHandler for Gated {
        async fn handle_all(&self, events: Vec<Event>) -> Result<Vec<Result<(), String>>, String> {
            let bodies: Vec<String> = events.iter().map(body).collect();
            self.calls.send(bodies.clone()).expect("the test listens");
            self.gate.acquire().await.expect("a gate").forget();
            if bodies.iter().any(|body| body == "trap") {
                return Err("no answer".to_owned());
            }
            let mut results: Vec<_> = bodies
                .iter()
                .map(|body| match body.as_str() {
                    "refused" => Err("no".to_owned()),
                    _ => Ok(()),
                })
                .collect();
            if bodies.iter().any(|body| body == "short") {
                results.pop();
            }
            Ok(results)
        }
    }

    fn gated(
        rules: BatchRules,
    ) -> (
        Batches<Gated>,
        mpsc::UnboundedReceiver<Vec<String>>,
        Arc<Semaphore>,
    ) {
        let (calls, called) = unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let handler = Gated {
            calls,
            gate: Arc::clone(&gate),
        };
        (Batches::start(handler, rules), called, gate)
    }

    fn event(body: &str) -> Event {
        Event {
            subject: "ticketing.ticket.created".to_owned(),
            body: body.to_owned().into(),
            traceparent: None,
            was_unanswered: false,
        }
    }

    fn body(event: &Event) -> String {
        String::from_utf8_lossy(&event.body).into_owned()
    }

    fn unanswered(why: &str, is_counted: bool) -> Result<(), Failure> {
        Err(Failure::Unanswered {
            why: why.to_owned(),
            is_counted,
        })
    }

    #[tokio::test]
    async fn what_arrives_during_a_call_goes_into_the_next() {
        let (batches, mut calls, gate) = gated(ONE_CALL);
        let mut first = pin!(batches.handle(event("1")));
        assert!(poll!(first.as_mut()).is_pending());
        assert_eq!(calls.recv().await.unwrap(), ["1"]);
        // Polled once, an event is in the queue.
        let mut waiting: Vec<_> = ["2", "3", "4", "5"]
            .map(|body| Box::pin(batches.handle(event(body))))
            .into();
        for one in &mut waiting {
            assert!(poll!(one.as_mut()).is_pending());
        }
        gate.add_permits(3);
        assert_eq!(first.await, Ok(()));
        assert_eq!(calls.recv().await.unwrap(), ["2", "3", "4"]);
        assert_eq!(calls.recv().await.unwrap(), ["5"]);
        for one in waiting {
            assert_eq!(one.await, Ok(()));
        }
    }

    #[tokio::test]
    async fn a_refused_event_leaves_the_others_handled() {
        let (batches, _calls, gate) = gated(ONE_CALL);
        gate.add_permits(1);
        let (one, two, three) = tokio::join!(
            batches.handle(event("1")),
            batches.handle(event("refused")),
            batches.handle(event("3")),
        );
        assert_eq!([one, three], [Ok(()), Ok(())]);
        assert_eq!(two, Err(Failure::Refused("no".to_owned())));
    }

    #[tokio::test]
    async fn a_call_that_fails_as_a_whole_is_one_silence_for_all_its_events() {
        let (batches, _calls, gate) = gated(ONE_CALL);
        gate.add_permits(2);
        let (one, two) = tokio::join!(batches.handle(event("1")), batches.handle(event("trap")));
        assert_eq!(one, unanswered("no answer", false));
        assert_eq!(two, unanswered("no answer", true));
        let (one, two) = tokio::join!(batches.handle(event("1")), batches.handle(event("short")));
        assert_eq!(one, unanswered("2 events, but 1 results", false));
        assert_eq!(two, unanswered("2 events, but 1 results", true));
    }

    #[tokio::test]
    async fn what_was_not_answered_goes_alone_and_waits_for_no_other() {
        let (batches, mut calls, gate) = gated(ONE_CALL);
        let mut under_way = pin!(batches.handle(event("1")));
        assert!(poll!(under_way.as_mut()).is_pending());
        assert_eq!(calls.recv().await.unwrap(), ["1"]);
        let mut again = event("again");
        again.was_unanswered = true;
        let mut alone = pin!(batches.handle(again));
        assert!(poll!(alone.as_mut()).is_pending());
        assert_eq!(calls.recv().await.unwrap(), ["again"]);
        gate.add_permits(2);
        assert_eq!(tokio::join!(under_way, alone), (Ok(()), Ok(())));
    }

    #[tokio::test]
    async fn an_event_whose_time_is_over_is_not_called_with() {
        let (batches, mut calls, gate) = gated(ONE_CALL);
        let mut under_way = pin!(batches.handle(event("1")));
        assert!(poll!(under_way.as_mut()).is_pending());
        assert_eq!(calls.recv().await.unwrap(), ["1"]);
        let mut given_up = Box::pin(batches.handle(event("late")));
        assert!(matches!(poll!(given_up.as_mut()), Poll::Pending));
        drop(given_up);
        let mut next = pin!(batches.handle(event("2")));
        assert!(poll!(next.as_mut()).is_pending());
        gate.add_permits(2);
        assert_eq!(tokio::join!(under_way, next), (Ok(()), Ok(())));
        assert_eq!(calls.recv().await.unwrap(), ["2"]);
    }

    /// The clock stands still but for what waits for it.
    #[tokio::test(start_paused = true)]
    async fn another_call_begins_beside_a_slow_one_but_no_more_than_allowed() {
        let (batches, mut calls, gate) = gated(BatchRules {
            max_calls: 2,
            next_call_after: Duration::from_millis(250),
            ..ONE_CALL
        });
        let begun = Instant::now();
        let mut waiting: Vec<_> = ["1", "2", "3"]
            .map(|body| Box::pin(batches.handle(event(body))))
            .into();
        assert!(poll!(waiting[0].as_mut()).is_pending());
        assert_eq!(calls.recv().await.unwrap(), ["1"]);
        assert!(poll!(waiting[1].as_mut()).is_pending());
        assert_eq!(calls.recv().await.unwrap(), ["2"]);
        assert_eq!(begun.elapsed(), Duration::from_millis(250));
        assert!(poll!(waiting[2].as_mut()).is_pending());
        let third = timeout(Duration::from_secs(60), calls.recv()).await;
        assert!(third.is_err(), "a third call has begun");
        gate.add_permits(3);
        for one in waiting {
            assert_eq!(one.await, Ok(()));
        }
    }

    #[tokio::test]
    async fn a_full_call_waits_for_none_before_it() {
        let (batches, mut calls, gate) = gated(BatchRules {
            max_batch: 2,
            max_calls: 2,
            ..ONE_CALL
        });
        let mut waiting: Vec<_> = ["1", "2", "3", "4", "5", "6"]
            .map(|body| Box::pin(batches.handle(event(body))))
            .into();
        assert!(poll!(waiting[0].as_mut()).is_pending());
        assert_eq!(calls.recv().await.unwrap(), ["1"]);
        assert!(poll!(waiting[1].as_mut()).is_pending());
        tokio::task::yield_now().await;
        assert!(calls.try_recv().is_err(), "a call that is not full");
        for one in &mut waiting[2..] {
            assert!(poll!(one.as_mut()).is_pending());
        }
        assert_eq!(calls.recv().await.unwrap(), ["2", "3"]);
        tokio::task::yield_now().await;
        assert!(calls.try_recv().is_err(), "more calls than allowed");
        gate.add_permits(4);
        for one in waiting {
            assert_eq!(one.await, Ok(()));
        }
        assert_eq!(calls.recv().await.unwrap(), ["4", "5"]);
        assert_eq!(calls.recv().await.unwrap(), ["6"]);
    }

    #[tokio::test]
    async fn large_events_are_spread_over_calls() {
        let (batches, mut calls, gate) = gated(ONE_CALL);
        gate.add_permits(2);
        let large = "x".repeat(MAX_BYTES / 2 + 1);
        let both = tokio::join!(batches.handle(event(&large)), batches.handle(event(&large)));
        assert_eq!(both, (Ok(()), Ok(())));
        assert_eq!(calls.recv().await.unwrap().len(), 1);
        assert_eq!(calls.recv().await.unwrap().len(), 1);
    }
}
