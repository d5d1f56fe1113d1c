//! The double's state: objects in memory, every change to them optionally in a journal.
//! A change is answered only once it is durable, so that a killed double knows all it ever said.

mod books;
mod change;
mod journal;
mod table;
mod transaction;

pub use books::Books;
pub use change::{Change, StoredAnswer};
pub use journal::JournalError;
pub use transaction::{Origin, Transaction};

use journal::Journal;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// Books, journal, and the queue of deliveries that a change gives rise to.
pub struct Store {
    books: Mutex<Books>,
    journal: Option<Journal>,
    /// Ids of deliveries, in the order of their events, as soon as they are durable.
    deliveries: mpsc::UnboundedSender<String>,
}

impl Store {
    /// Opens the state, replaying the journal when there is one.
    ///
    /// # Errors
    /// When the journal cannot be read or written, or another process holds it.
    pub fn open(
        mut books: Books,
        path: Option<&Path>,
        deliveries: mpsc::UnboundedSender<String>,
    ) -> Result<Self, JournalError> {
        let journal = match path {
            None => None,
            Some(path) => Some(Journal::open(path, |changes| {
                changes.into_iter().for_each(|change| books.apply(change));
            })?),
        };
        Ok(Self {
            books: Mutex::new(books),
            journal,
            deliveries,
        })
    }

    /// Looks something up that is not told to anybody: it may not be durable yet.
    pub fn read<T>(&self, look: impl FnOnce(&Books) -> T) -> T {
        look(&self.lock())
    }

    /// Changes what need not survive a restart.
    pub fn note(&self, change: impl FnOnce(&mut Books)) {
        change(&mut self.lock());
    }

    /// Runs `work` as one step that nobody sees half done, and returns when its changes, and all that it may have
    /// seen of others', are durable.
    ///
    /// # Errors
    /// When the journal could not be written; the changes are then in memory only.
    pub async fn transact<T>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut Transaction<'_>) -> T,
    ) -> Result<T, JournalError> {
        let (outcome, written, deliveries) = self.post(origin, work)?;
        if let Some(written) = written {
            written.await?;
        }
        for delivery in deliveries {
            // Nobody listens only while the double stops; the journal keeps the delivery for the next start.
            let _ = self.deliveries.send(delivery);
        }
        Ok(outcome)
    }

    fn post<T>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut Transaction<'_>) -> T,
    ) -> Result<(T, Option<journal::Written>, Vec<String>), JournalError> {
        let mut books = self.lock();
        let mut transaction = Transaction::new(&mut books, origin);
        let outcome = work(&mut transaction);
        let changes = transaction.into_changes();
        // Queued under the lock, so that the journal has the order of the books.
        let written = match &self.journal {
            Some(journal) => Some(journal.append(&changes)?),
            None => None,
        };
        let deliveries = changes.into_iter().filter_map(|change| match change {
            Change::Delivery(delivery) if delivery.is_pending() => Some(delivery.id),
            _ => None,
        });
        Ok((outcome, written, deliveries.collect()))
    }

    fn lock(&self) -> MutexGuard<'_, Books> {
        // A panic half way through a test double's rule is a failed test already; what is left is still worth reading.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
