//! The callee's first answer: where it takes what else there is of the parameters.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use async_nats::{Message, StatusCode, Subject};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use thiserror::Error;

use crate::inbox::Registration;
use crate::subject::HANDSHAKE;

/// The subject of the callee's inbox, for all who write parameters of a call.
pub type Handshake = Shared<BoxFuture<'static, Result<Subject, HandshakeError>>>;

/// Why there is none.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum HandshakeError {
    #[error("nobody serves this function")]
    NoResponders,
    #[error("the server answered {0}")]
    Status(StatusCode),
    #[error("the callee names no inbox")]
    NoInbox,
    #[error("the connection was closed")]
    Closed,
}

impl From<HandshakeError> for io::Error {
    fn from(error: HandshakeError) -> Self {
        let kind = match error {
            HandshakeError::NoResponders => io::ErrorKind::NotConnected,
            HandshakeError::Status(StatusCode::TIMEOUT) => io::ErrorKind::TimedOut,
            HandshakeError::Status(_) => io::ErrorKind::Other,
            HandshakeError::NoInbox => io::ErrorKind::InvalidData,
            HandshakeError::Closed => io::ErrorKind::BrokenPipe,
        };
        Self::new(kind, error)
    }
}

/// Waits for the handshake of a call.
pub fn handshake(call: Arc<Registration>) -> Handshake {
    async move {
        let answer = poll_fn(|context| call.mailbox().poll_next(HANDSHAKE, context)).await;
        read(answer)
    }
    .boxed()
    .shared()
}

fn read(answer: Option<Message>) -> Result<Subject, HandshakeError> {
    let answer = answer.ok_or(HandshakeError::Closed)?;
    match answer.status {
        Some(StatusCode::NO_RESPONDERS) => Err(HandshakeError::NoResponders),
        Some(status) if !status.is_success() => Err(HandshakeError::Status(status)),
        _ => answer.reply.ok_or(HandshakeError::NoInbox),
    }
}
