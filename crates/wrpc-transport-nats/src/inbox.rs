//! The one subscription of a connection under which all its calls are answered.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_nats::{Message, Subject, SubscribeError, Subscriber};
use futures::StreamExt as _;
use tokio::task::AbortHandle;
use tracing::trace;

use crate::mailbox::Mailbox;

/// Those that are in use. A host makes a [`Client`](crate::Client) for every call; that costs no subscription.
static IN_USE: Mutex<Vec<Weak<Inbox>>> = Mutex::new(Vec::new());

/// The inbox of a connection.
#[derive(Debug)]
pub struct Inbox {
    nats: Arc<async_nats::Client>,
    /// Begins all its subjects, and ends with a dot.
    prefix: String,
    mailboxes: Arc<Mailboxes>,
    receiving: AbortHandle,
}

/// A call that can be answered, until this is dropped.
#[derive(Debug)]
pub struct Registration {
    inbox: Arc<Inbox>,
    id: String,
    mailbox: Arc<Mailbox>,
}

/// What has arrived for the calls that can be answered, by their ids.
#[derive(Debug, Default)]
struct Mailboxes(Mutex<HashMap<String, Arc<Mailbox>>>);

impl Inbox {
    /// The inbox of a connection, which is subscribed to where nobody uses it yet. Must run inside a Tokio runtime.
    ///
    /// # Errors
    /// When the connection is closed.
    pub async fn of(nats: &Arc<async_nats::Client>) -> Result<Arc<Self>, SubscribeError> {
        if let Some(inbox) = in_use(&mut lock(&IN_USE), nats) {
            return Ok(inbox);
        }
        let mut prefix = nats.new_inbox();
        prefix.push('.');
        let subscriber = nats.subscribe(format!("{prefix}>")).await?;
        let mut all = lock(&IN_USE);
        // Somebody else may have been faster.
        if let Some(inbox) = in_use(&mut all, nats) {
            return Ok(inbox);
        }
        let mailboxes = Arc::new(Mailboxes::default());
        let receiving = receive(subscriber, prefix.clone(), Arc::clone(&mailboxes));
        let inbox = Arc::new(Self {
            nats: Arc::clone(nats),
            prefix,
            mailboxes,
            receiving: tokio::spawn(receiving).abort_handle(),
        });
        all.push(Arc::downgrade(&inbox));
        Ok(inbox)
    }

    /// Makes a call known. Whatever is sent to its subject from now on arrives.
    pub fn register(self: &Arc<Self>) -> Registration {
        let id = nuid::next().to_string();
        Registration {
            inbox: Arc::clone(self),
            mailbox: self.mailboxes.open(&id),
            id,
        }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.receiving.abort();
    }
}

impl Registration {
    /// Where its messages go.
    pub fn subject(&self) -> Subject {
        format!("{}{}", self.inbox.prefix, self.id).into()
    }

    /// What has arrived.
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.inbox.mailboxes.forget(&self.id);
    }
}

impl Mailboxes {
    /// A mailbox for a call. It is there when this returns, not when some task gets to it: answers can be quick.
    fn open(&self, id: &str) -> Arc<Mailbox> {
        let mailbox = Arc::new(Mailbox::default());
        lock(&self.0).insert(id.to_owned(), Arc::clone(&mailbox));
        mailbox
    }

    fn forget(&self, id: &str) {
        // Dropped when the lock is free again: it may hold the last of what asks for the lock when it goes.
        let _mailbox = lock(&self.0).remove(id);
    }

    /// Puts a message where it belongs. `name` is its subject without what all have in common.
    fn put(&self, name: &str, message: Message) {
        let (id, end) = name.split_at(name.find('.').unwrap_or(name.len()));
        let mailbox = lock(&self.0).get(id).cloned();
        match mailbox {
            Some(mailbox) => mailbox.put(end, message),
            None => trace!(name, "nobody waits for this any more"),
        }
    }

    fn close(&self) {
        let all: Vec<Arc<Mailbox>> = lock(&self.0).values().cloned().collect();
        all.iter().for_each(|mailbox| mailbox.close());
    }
}

fn in_use(all: &mut Vec<Weak<Inbox>>, nats: &Arc<async_nats::Client>) -> Option<Arc<Inbox>> {
    all.retain(|inbox| inbox.strong_count() > 0);
    all.iter()
        .filter_map(Weak::upgrade)
        .find(|inbox| Arc::ptr_eq(&inbox.nats, nats))
}

/// Puts every message where it belongs, until the connection is closed.
async fn receive(mut subscriber: Subscriber, prefix: String, mailboxes: Arc<Mailboxes>) {
    while let Some(message) = subscriber.next().await {
        let subject = message.subject.clone();
        mailboxes.put(subject.strip_prefix(&*prefix).unwrap_or_default(), message);
    }
    mailboxes.close();
}

/// Nobody panics while changing what is locked here.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::{Context, Poll, Waker};

    fn message() -> Message {
        Message {
            subject: Subject::from_static("inbox"),
            reply: None,
            payload: "answer".into(),
            headers: None,
            status: None,
            description: None,
            length: 0,
        }
    }

    fn has_message(mailbox: &Mailbox, end: &str) -> bool {
        let context = Context::from_waker(Waker::noop());
        matches!(mailbox.poll_next(end, &context), Poll::Ready(Some(_)))
    }

    #[test]
    fn a_call_can_be_answered_at_once() {
        let mailboxes = Mailboxes::default();
        let mailbox = mailboxes.open("call");
        mailboxes.put("call", message());
        mailboxes.put("call.results.0", message());
        assert!(has_message(&mailbox, ""));
        assert!(has_message(&mailbox, ".results.0"));
    }

    #[test]
    fn an_answer_that_nobody_waits_for_harms_nobody() {
        let mailboxes = Mailboxes::default();
        let (one, other) = (mailboxes.open("one"), mailboxes.open("other"));
        mailboxes.forget("one");
        mailboxes.put("one.results", message());
        mailboxes.put("never-called", message());
        assert!(!has_message(&one, ".results") && !has_message(&other, ".results"));
    }
}
