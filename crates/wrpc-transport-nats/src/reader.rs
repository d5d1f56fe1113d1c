//! What a peer sends: parameters to a callee, results to a caller.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Buf as _, Bytes};
use futures::FutureExt as _;
use tokio::io::{AsyncRead, ReadBuf};

use crate::acceptance::Acceptance;
use crate::end;
use crate::handshake::Handshake;
use crate::inbox::Registration;
use crate::subject::{self, PARAMS, RESULTS};

/// A stream of bytes. Each path below it is a stream of its own, which has one reader.
#[derive(Debug)]
pub struct Reader {
    call: Arc<Registration>,
    /// The end of the subject that it reads.
    end: String,
    /// What has arrived and was not read yet.
    rest: Bytes,
    has_ended: bool,
    /// For a callee: what a caller waits for who has streams below the parameters.
    acceptance: Option<Arc<Acceptance>>,
    /// For a caller: by which it learns that there is no callee.
    handshake: Option<Handshake>,
}

impl Reader {
    /// The parameters of a call: `first`, and what follows unless that was all of them.
    pub(crate) fn of_params(call: Arc<Registration>, first: Bytes, is_whole: bool) -> Self {
        Self {
            rest: first,
            has_ended: is_whole,
            ..Self::new(call, PARAMS.to_owned())
        }
    }

    /// The results of a call.
    pub(crate) fn of_results(call: Arc<Registration>, handshake: Handshake) -> Self {
        Self {
            handshake: Some(handshake),
            ..Self::new(call, RESULTS.to_owned())
        }
    }

    /// Gives `acceptance` as soon as somebody reads what is below.
    pub(crate) fn accepting(mut self, acceptance: Acceptance) -> Self {
        self.acceptance = Some(Arc::new(acceptance));
        self
    }

    fn new(call: Arc<Registration>, end: String) -> Self {
        Self {
            call,
            end,
            rest: Bytes::new(),
            has_ended: false,
            acceptance: None,
            handshake: None,
        }
    }

    /// Whether the call went to nobody.
    fn poll_refusal(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if let Some(handshake) = &mut self.handshake
            && let Poll::Ready(answer) = handshake.poll_unpin(context)
        {
            self.handshake = None;
            answer?;
        }
        Ok(())
    }
}

impl wrpc_transport::Index<Self> for Reader {
    fn index(&self, path: &[usize]) -> anyhow::Result<Self> {
        if let Some(acceptance) = &self.acceptance {
            acceptance.give_soon();
        }
        let end = subject::below(&self.end, path);
        Ok(Self {
            acceptance: self.acceptance.clone(),
            ..Self::new(Arc::clone(&self.call), end)
        })
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
            let Poll::Ready(next) = self.call.mailbox().poll_next(&self.end, context) else {
                self.poll_refusal(context)?;
                return Poll::Pending;
            };
            self.has_ended = next.as_ref().is_none_or(end::is_last);
            self.rest = next.map(|message| message.payload).unwrap_or_default();
        }
        let fitting = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..fitting]);
        self.rest.advance(fitting);
        Poll::Ready(Ok(()))
    }
}
