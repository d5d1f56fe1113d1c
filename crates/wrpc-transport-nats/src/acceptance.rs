//! The callee's first answer, from its side.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::{Client, PublishError, Subject};
use bytes::Bytes;
use tracing::warn;

use crate::inbox::Registration;

/// Tells a caller where this callee takes what else there is of the parameters.
#[derive(Debug)]
pub struct Acceptance {
    nats: Client,
    caller: Subject,
    call: Arc<Registration>,
    is_given: AtomicBool,
}

impl Acceptance {
    pub fn new(nats: Client, caller: Subject, call: Arc<Registration>) -> Self {
        Self {
            nats,
            caller,
            call,
            is_given: AtomicBool::new(false),
        }
    }

    /// Sends it.
    ///
    /// # Errors
    /// When the connection is closed.
    pub async fn give(&self) -> Result<(), PublishError> {
        let (caller, inbox) = (self.caller.clone(), self.call.subject());
        self.nats
            .publish_with_reply(caller, inbox, Bytes::new())
            .await
    }

    /// Sends it beside what goes on here, once. Must run inside a Tokio runtime.
    pub fn give_soon(self: &Arc<Self>) {
        if self.is_given.swap(true, Ordering::Relaxed) {
            return;
        }
        let acceptance = Arc::clone(self);
        tokio::spawn(async move {
            if let Err(error) = acceptance.give().await {
                warn!(%error, "a call could not be accepted");
            }
        });
    }
}
