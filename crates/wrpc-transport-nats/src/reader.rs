//! What a peer sends: parameters to a callee, results to a caller.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, ReadBuf};

use crate::inbox::Registration;
use crate::subject;

/// A stream of bytes. Each path below it is a stream of its own, which has one reader.
#[derive(Debug)]
pub struct Reader {
    call: Arc<Registration>,
    /// The end of the subject that it reads.
    end: String,
    /// What has arrived and was not read yet.
    rest: Bytes,
    has_ended: bool,
}

impl Reader {
    /// Reads `first`, then what arrives at `end` of the call's subject.
    pub(crate) fn new(call: Arc<Registration>, end: &str, first: Bytes) -> Self {
        Self {
            call,
            end: end.to_owned(),
            rest: first,
            has_ended: false,
        }
    }
}

impl wrpc_transport::Index<Self> for Reader {
    fn index(&self, path: &[usize]) -> anyhow::Result<Self> {
        let end = subject::below(&self.end, path);
        Ok(Self::new(Arc::clone(&self.call), &end, Bytes::new()))
    }
}

impl AsyncRead for Reader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if buffer.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        if self.rest.is_empty() && !self.has_ended {
            let next = ready!(self.call.mailbox().poll_next(&self.end, context));
            // An empty message ends the stream.
            self.rest = next.map(|message| message.payload).unwrap_or_default();
            self.has_ended = self.rest.is_empty();
        }
        let fitting = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..fitting]);
        self.rest.advance(fitting);
        Poll::Ready(Ok(()))
    }
}
