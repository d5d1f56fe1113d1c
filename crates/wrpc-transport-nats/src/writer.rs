//! What is sent to a peer: parameters to a callee, results to a caller.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use async_nats::{Client, HeaderMap, PublishMessage, Subject};
use bytes::{Buf as _, Bytes};
use futures::future::FusedFuture as _;
use futures::{FutureExt as _, SinkExt as _};
use tokio::io::AsyncWrite;
use tokio::runtime::Handle;
use tracing::warn;

use crate::end;
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
    /// Whether the last bytes say that they are the last.
    ends_at_once: bool,
    /// Bytes that are not sent before it is known whether others follow.
    last: Option<Bytes>,
}

impl SubjectWriter {
    pub(crate) fn new(nats: Client, subject: impl Into<Subject>) -> Self {
        Self {
            nats,
            subject: subject.into(),
            has_ended: false,
            ends_at_once: false,
            last: None,
        }
    }

    /// Sends the last bytes with the end, so not before the end is known: a flush does not send them.
    pub(crate) fn ending_at_once(mut self) -> Self {
        self.ends_at_once = true;
        self
    }

    fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        payload: Bytes,
        headers: Option<HeaderMap>,
    ) -> Poll<io::Result<()>> {
        ready!(self.nats.poll_ready_unpin(context)).map_err(broken)?;
        let message = PublishMessage {
            subject: self.subject.clone(),
            payload,
            reply: None,
            headers,
        };
        Poll::Ready(self.nats.start_send_unpin(message).map_err(broken))
    }

    /// Sends what waited to be known as the last, as others follow.
    fn poll_send_last(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(payload) = self.last.clone() {
            ready!(self.poll_send(context, payload, None))?;
            self.last = None;
        }
        Poll::Ready(Ok(()))
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
        ready!(self.poll_send_last(context))?;
        let of_headers = if self.ends_at_once {
            end::LENGTH_ALONE
        } else {
            0
        };
        let room = largest_payload(&self.nats, bytes.len() + of_headers) - of_headers;
        let length = bytes.len().min(room);
        let payload = Bytes::copy_from_slice(&bytes[..length]);
        if self.ends_at_once {
            self.last = Some(payload).filter(|payload| !payload.is_empty());
        } else {
            ready!(self.poll_send(context, payload, None))?;
        }
        Poll::Ready(Ok(length))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ends_at_once {
            return Poll::Ready(Ok(()));
        }
        self.nats.poll_flush_unpin(context).map_err(broken)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.has_ended {
            let (payload, headers) = end_of(self.last.clone());
            ready!(self.poll_send(context, payload, headers))?;
            self.last = None;
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
        let (payload, headers) = end_of(self.last.take());
        runtime.spawn(async move {
            let sent = match headers {
                Some(headers) => nats.publish_with_headers(subject, headers, payload).await,
                None => nats.publish(subject, payload).await,
            };
            if let Err(error) = sent {
                warn!(%error, "the end of a stream could not be sent");
            }
        });
    }
}

/// The message that ends a stream: its last bytes, or none.
fn end_of(last: Option<Bytes>) -> (Bytes, Option<HeaderMap>) {
    let headers = last.as_ref().map(|_| end::mark(HeaderMap::new()));
    (last.unwrap_or_default(), headers)
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
    /// The call had all parameters, and said so.
    is_whole: bool,
    /// Parameters that did not fit into the call itself.
    rest: Bytes,
    writer: Option<SubjectWriter>,
}

impl ParamWriter {
    /// Writes `rest`, then whatever it is given; nothing when the call was whole.
    pub(crate) fn new(nats: Client, handshake: Handshake, is_whole: bool, rest: Bytes) -> Self {
        Self {
            nats,
            waiting: handshake.clone(),
            handshake,
            end: PARAMS.to_owned(),
            is_whole,
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
            is_whole: false,
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
        if self.is_whole {
            let why = "a call had all parameters already";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::Unsupported, why)));
        }
        ready!(self.poll_writer(context))?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_whole {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_writer(context))?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_whole {
            return Poll::Ready(Ok(()));
        }
        ready!(self.poll_writer(context))?.poll_shutdown(context)
    }
}

/// The most bytes, headers included, that go into one message of `length` bytes.
pub fn largest_payload(nats: &Client, length: usize) -> usize {
    if length <= ALWAYS_FITS {
        return ALWAYS_FITS;
    }
    nats.server_info().max_payload.max(ALWAYS_FITS)
}

fn broken(error: async_nats::PublishError) -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, error)
}
