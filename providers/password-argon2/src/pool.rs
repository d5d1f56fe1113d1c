//! A few threads that compute, so that those that talk to the lattice never wait for it.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tokio::sync::oneshot;

use crate::error::HashError;
use crate::memory::Memory;
use crate::settings::Settings;

type Task = Box<dyn FnOnce(&mut Memory) + Send>;

/// The threads and their queue; clones share them. They end when the last clone is gone and the queue is empty.
#[derive(Clone)]
pub struct Pool {
    queue: Sender<Task>,
}

impl Pool {
    /// Starts the threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let (queue, tasks) = bounded(settings.queue);
        for number in 0..settings.workers {
            let tasks = tasks.clone();
            thread::Builder::new()
                .name(format!("hash-{number}"))
                .spawn(move || work(&tasks))?;
        }
        Ok(Self { queue })
    }

    /// Has `work` done when its turn comes.
    ///
    /// # Errors
    /// [`HashError::Busy`] at once when the queue is full, what `work` fails with, or [`HashError::Failed`] when it panics.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let (answer, answered) = oneshot::channel();
        let task = Box::new(move |memory: &mut Memory| {
            // Nobody waits any more.
            if answer.is_closed() {
                return;
            }
            let _ = answer.send(work(memory));
        });
        self.queue.try_send(task).map_err(|error| match error {
            TrySendError::Full(_) => HashError::Busy,
            TrySendError::Disconnected(_) => HashError::failed("nobody computes"),
        })?;
        answered
            .await
            .map_err(|_| HashError::failed("the computation panicked"))?
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("waiting", &self.queue.len())
            .finish()
    }
}

/// The life of a thread.
fn work(tasks: &Receiver<Task>) {
    let mut memory = Memory::new();
    for task in tasks {
        // A call that panics fails alone. The memory may be half filled, which the next does not mind.
        let _ = catch_unwind(AssertUnwindSafe(|| task(&mut memory)));
        // Nobody waits for this: it has been answered, and the next would write over it anyway.
        if tasks.is_empty() {
            memory.wipe();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::poll;
    use jetstream_testing::eventually;
    use std::pin::pin;
    use std::sync::mpsc;

    fn pool(workers: usize, queue: usize) -> Pool {
        Pool::start(Settings { workers, queue }).unwrap()
    }

    /// Work that says when it has begun, and ends when told to.
    fn held() -> (
        impl FnOnce(&mut Memory) -> Result<(), HashError> + Send + 'static,
        oneshot::Receiver<()>,
        mpsc::Sender<()>,
    ) {
        let (begin, begun) = oneshot::channel();
        let (release, released) = mpsc::channel();
        let work = move |_: &mut Memory| {
            let _ = begin.send(());
            released.recv().map_err(HashError::failed)
        };
        (work, begun, release)
    }

    #[tokio::test]
    async fn who_comes_when_the_queue_is_full_is_told_so_at_once() {
        let pool = pool(1, 1);
        let (work, begun, release) = held();
        let mut first = pin!(pool.run(work));
        assert!(poll!(first.as_mut()).is_pending());
        begun.await.unwrap();
        let mut second = pin!(pool.run(|_| Ok(2)));
        assert!(poll!(second.as_mut()).is_pending());

        assert_eq!(pool.run(|_| Ok(3)).await, Err(HashError::Busy));
        release.send(()).unwrap();
        assert_eq!(first.await, Ok(()));
        assert_eq!(second.await, Ok(2));
        assert_eq!(pool.run(|_| Ok(4)).await, Ok(4));
    }

    #[tokio::test]
    async fn workers_work_at_the_same_time() {
        let pool = pool(2, 1);
        let (one, one_begun, release_one) = held();
        let (two, two_begun, release_two) = held();
        // The second is given when the first has left the queue.
        let mut first = pin!(pool.run(one));
        assert!(poll!(first.as_mut()).is_pending());
        one_begun.await.unwrap();
        let mut second = pin!(pool.run(two));
        assert!(poll!(second.as_mut()).is_pending());
        two_begun.await.unwrap();
        release_two.send(()).unwrap();
        assert_eq!(second.await, Ok(()));
        release_one.send(()).unwrap();
        assert_eq!(first.await, Ok(()));
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_any_more_is_not_done() {
        let pool = pool(1, 1);
        let (work, begun, release) = held();
        let mut first = pin!(pool.run(work));
        assert!(poll!(first.as_mut()).is_pending());
        begun.await.unwrap();
        let (done, was_done) = oneshot::channel();
        {
            let mut given_up = pin!(pool.run(|_| done.send(()).map_err(|()| HashError::Busy)));
            assert!(poll!(given_up.as_mut()).is_pending());
        }
        release.send(()).unwrap();
        assert_eq!(first.await, Ok(()));
        assert!(was_done.await.is_err(), "dropped, not sent");
    }

    #[tokio::test]
    async fn memory_is_wiped_when_nobody_waits() {
        let pool = pool(1, 1);
        let hash = pool.run(|memory| crate::hash("correct horse", memory));
        hash.await.unwrap();
        eventually("wiped", async || {
            let is_wiped = pool.run(|memory| Ok(memory.is_wiped())).await;
            is_wiped.unwrap().then_some(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_call_that_panics_fails_alone() {
        let pool = pool(1, 1);
        let panicked = pool
            .run(|_| -> Result<(), HashError> { panic!("as the test asked") })
            .await;
        assert!(matches!(panicked, Err(HashError::Failed(_))));
        assert_eq!(pool.run(|_| Ok(1)).await, Ok(1));
    }
}
