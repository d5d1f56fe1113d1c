//! The loop that takes calls in. Unlike the SDK's, it lets calls finish when the provider stops.

use std::pin::pin;
use std::time::Duration;

use futures::stream::{StreamExt as _, select_all};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;
use wasmcloud_provider_sdk::provider::InvocationStreams;

/// The calls in progress; clones share them.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Calls {
    /// Runs every invocation as a task until [`finish`](Self::finish) is called, then takes no more in
    /// (other replicas get them) and returns when `shutdown` is done.
    pub async fn serve(&self, invocations: InvocationStreams, shutdown: impl Future<Output = ()>) {
        let mut invocations =
            select_all(invocations.into_iter().map(|(instance, function, stream)| {
                stream.map(move |invocation| (instance, function, invocation))
            }));
        let mut shutdown = pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => return,
                () = self.stopping.cancelled() => break,
                Some((instance, function, invocation)) = invocations.next() => match invocation {
                    Ok(call) => {
                        self.tasks.spawn(async move {
                            if let Err(error) = call.await {
                                warn!(?error, instance, function, "a call could not be answered");
                            }
                        });
                    }
                    Err(error) => {
                        warn!(?error, instance, function, "a call could not be taken in");
                    }
                },
            }
        }
        drop(invocations);
        shutdown.await;
    }

    /// Stops taking calls in and waits, no longer than `limit`, for those in progress to finish.
    pub async fn finish(&self, limit: Duration) {
        self.stopping.cancel();
        self.tasks.close();
        if timeout(limit, self.tasks.wait()).await.is_err() {
            warn!(calls = self.tasks.len(), "stopping with calls in progress");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;
    use tokio::sync::{mpsc, oneshot};

    #[tokio::test]
    async fn a_call_in_progress_finishes_before_the_provider_stops() {
        let calls = Calls::default();
        let (release, released) = oneshot::channel::<()>();
        let (events, mut log) = mpsc::unbounded_channel();
        let started = events.clone();
        let call = async move {
            started.send("started")?;
            released.await?;
            started.send("answered")?;
            Ok(())
        };
        let one_call = stream::iter([Ok(Box::pin(call) as _)]).chain(stream::pending());
        let invocations: InvocationStreams = vec![("instance", "function", Box::pin(one_call))];

        let stop = calls.clone();
        let shutdown = async move {
            assert_eq!(log.recv().await, Some("started"));
            let finished = stop.finish(Duration::from_secs(10));
            let (_, sent) = tokio::join!(finished, async { release.send(()) });
            sent.expect("the call still waits");
            assert_eq!(log.recv().await, Some("answered"));
        };
        calls.serve(invocations, shutdown).await;
    }
}
