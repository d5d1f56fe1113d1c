//! What is sent to a peer: parameters to a callee, results to a caller.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_nats::{Client, PublishMessage, Subject};
use bytes::{Buf as _, Bytes};
use futures::future::FusedFuture as _;
use futures::{FutureExt as _, SinkExt as _};
use tokio::io::AsyncWrite;
use tokio::runtime::Handle;
use tracing::warn;

use crate::handshake::Handshake;
use crate::subject::{self, PARAMS};

/// What no server is set to refuse. More than that is split by what the server says.
const ALWAYS_FITS: usize = 4096;

/// A stream of bytes to one subject. It ends with an empty message, at the latest when this is dropped.
#[derive(Debug)]
pub struct SubjectWriter {
    nats: Client,
    subject: Subject,
    has_ended: bool,
}

impl SubjectWriter {
    pub(crate) fn new(nats: Client, subject: impl Into<Subject>) -> Self {
        Self {
            nats,
            subject: subject.into(),
            has_ended: false,
        }
    }
}

impl wrpc_transport::Index<Self> for SubjectWriter {
    fn index(&self, path: &[usize]) -> anyhow::Result<Self> {
        Ok(Self::new(
            self.nats.clone(),
            subject::below(&self.subject, path),
        ))
    }
}

impl AsyncWrite for SubjectWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.nats.poll_ready_unpin(context)).map_err(broken)?;
        let length = bytes.len().min(largest_payload(&self.nats, bytes.len()));
        let message = PublishMessage {
            subject: self.subject.clone(),
            payload: Bytes::copy_from_slice(&bytes[..length]),
            reply: None,
            headers: None,
        };
        self.nats.start_send_unpin(message).map_err(broken)?;
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.nats.poll_flush_unpin(context).map_err(broken)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.has_ended {
            ready!(self.as_mut().poll_write(context, &[]))?;
            self.has_ended = true;
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for SubjectWriter {
    /// Whoever reads is told that nothing follows.
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        // Without a runtime the process is about to end.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let (nats, subject) = (self.nats.clone(), self.subject.clone());
        runtime.spawn(async move {
            if let Err(error) = nats.publish(subject, Bytes::new()).await {
                warn!(%error, "the end of a stream could not be sent");
            }
        });
    }
}

/// A stream of parameters, or of a part of them. It begins once the callee has said where it takes them.
#[derive(Debug)]
pub struct ParamWriter {
    nats: Client,
    /// For those below, who may be made at any time: a handle that was polled to its end gives nothing any more.
    handshake: Handshake,
    waiting: Handshake,
    /// Where it writes, below the callee's inbox.
    end: String,
    /// Parameters that did not fit into the call itself.
    rest: Bytes,
    writer: Option<SubjectWriter>,
}

impl ParamWriter {
    /// Writes `rest`, then whatever it is given.
    pub(crate) fn new(nats: Client, handshake: Handshake, rest: Bytes) -> Self {
        Self {
            nats,
            waiting: handshake.clone(),
            handshake,
            end: PARAMS.to_owned(),
            rest,
            writer: None,
        }
    }

    fn poll_writer(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<Pin<&mut SubjectWriter>>> {
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            // It has failed before.
            None if self.waiting.is_terminated() => {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            None => {
                let inbox = ready!(self.waiting.poll_unpin(context))?;
                SubjectWriter::new(self.nats.clone(), format!("{inbox}{}", self.end))
            }
        };
        let sent = poll_send_all(&mut writer, &mut self.rest, context);
        let writer = self.writer.insert(writer);
        ready!(sent)?;
        Poll::Ready(Ok(Pin::new(writer)))
    }
}

fn poll_send_all(
    writer: &mut SubjectWriter,
    rest: &mut Bytes,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    while !rest.is_empty() {
        let sent = ready!(Pin::new(&mut *writer).poll_write(context, rest))?;
        rest.advance(sent);
    }
    Poll::Ready(Ok(()))
}

impl wrpc_transport::Index<Self> for ParamWriter {
    fn index(&self, path: &[usize]) -> anyhow::Result<Self> {
        Ok(Self {
            nats: self.nats.clone(),
            handshake: self.handshake.clone(),
            waiting: self.handshake.clone(),
            end: subject::below(&self.end, path),
            rest: Bytes::new(),
            writer: None,
        })
    }
}

impl AsyncWrite for ParamWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_writer(context))?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_writer(context))?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_writer(context))?.poll_shutdown(context)
    }
}

/// The most bytes that go into one message of `length` bytes; as a stream cannot end in its middle, at least one.
pub fn largest_payload(nats: &Client, length: usize) -> usize {
    if length <= ALWAYS_FITS {
        return ALWAYS_FITS;
    }
    nats.server_info().max_payload.max(1)
}

fn broken(error: async_nats::PublishError) -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, error)
}
