//! Calls, and serving them.

use std::sync::Arc;

use anyhow::Context as _;
use async_nats::{HeaderMap, Message};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};

use crate::acceptance::Acceptance;
use crate::end;
use crate::handshake::handshake;
use crate::inbox::Inbox;
use crate::reader::Reader;
use crate::subject::{self, RESULTS};
use crate::writer::{ParamWriter, SubjectWriter, largest_payload};

/// Calls one target over a NATS connection, and serves as that target. Making one is cheap once the connection has one.
#[derive(Clone, Debug)]
pub struct Client {
    nats: Arc<async_nats::Client>,
    inbox: Arc<Inbox>,
    prefix: Arc<str>,
    queue_group: Option<Arc<str>>,
}

impl Client {
    /// A client for the functions below `prefix`. Of those that serve in the same queue group, one gets each call.
    ///
    /// # Errors
    /// When the connection is closed.
    pub async fn new(
        nats: impl Into<Arc<async_nats::Client>>,
        prefix: impl Into<Arc<str>>,
        queue_group: Option<Arc<str>>,
    ) -> anyhow::Result<Self> {
        let nats = nats.into();
        let inbox = Inbox::of(&nats)
            .await
            .context("cannot subscribe to an inbox")?;
        Ok(Self {
            nats,
            inbox,
            prefix: prefix.into(),
            queue_group,
        })
    }
}

impl wrpc_transport::Invoke for Client {
    type Context = Option<HeaderMap>;
    type Outgoing = ParamWriter;
    type Incoming = Reader;

    async fn invoke<P>(
        &self,
        headers: Self::Context,
        instance: &str,
        func: &str,
        mut params: Bytes,
        _streams: impl AsRef<[P]> + Send,
    ) -> anyhow::Result<(Self::Outgoing, Self::Incoming)>
    where
        P: AsRef<[Option<usize>]> + Send + Sync,
    {
        let call = Arc::new(self.inbox.register());
        let subject = subject::invocation(&self.prefix, instance, func);
        let of_headers = length_of(headers.as_ref()) + end::LENGTH;
        let room = largest_payload(&self.nats, params.len() + of_headers);
        let first = params.split_to(params.len().min(room.saturating_sub(of_headers)));
        let is_whole = params.is_empty();
        let headers = match headers {
            headers if is_whole => Some(end::mark(headers.unwrap_or_default())),
            headers => headers,
        };
        let sent = match headers {
            Some(headers) => {
                self.nats
                    .publish_with_reply_and_headers(subject, call.subject(), headers, first)
                    .await
            }
            None => {
                self.nats
                    .publish_with_reply(subject, call.subject(), first)
                    .await
            }
        };
        sent.context("cannot send a call")?;
        let nats = async_nats::Client::clone(&self.nats);
        let handshake = handshake(Arc::clone(&call));
        let results = Reader::of_results(call, handshake.clone());
        Ok((ParamWriter::new(nats, handshake, is_whole, params), results))
    }
}

impl wrpc_transport::Serve for Client {
    type Context = Option<HeaderMap>;
    type Outgoing = SubjectWriter;
    type Incoming = Reader;

    async fn serve(
        &self,
        instance: &str,
        func: &str,
        _streams: impl Into<Arc<[Box<[Option<usize>]>]>> + Send,
    ) -> anyhow::Result<
        impl Stream<Item = anyhow::Result<(Self::Context, Self::Outgoing, Self::Incoming)>>
        + Send
        + 'static,
    > {
        let subject = subject::invocation(&self.prefix, instance, func);
        let calls = match &self.queue_group {
            Some(group) => {
                let group = group.to_string();
                self.nats.queue_subscribe(subject, group).await
            }
            None => self.nats.subscribe(subject).await,
        }
        .context("cannot subscribe to calls")?;
        let (nats, inbox) = (Arc::clone(&self.nats), Arc::clone(&self.inbox));
        Ok(calls.then(move |call| accept(Arc::clone(&nats), Arc::clone(&inbox), call)))
    }
}

/// Takes a call. Who has sent all parameters at once is answered at once, unless a stream below them is read.
async fn accept(
    nats: Arc<async_nats::Client>,
    inbox: Arc<Inbox>,
    Message {
        reply,
        payload,
        headers,
        ..
    }: Message,
) -> anyhow::Result<(Option<HeaderMap>, SubjectWriter, Reader)> {
    let caller = reply.context("a call without an inbox to answer to")?;
    let call = Arc::new(inbox.register());
    let is_whole = end::is_marked(headers.as_ref());
    let nats = async_nats::Client::clone(&nats);
    let results = SubjectWriter::new(nats.clone(), format!("{caller}{RESULTS}"));
    let acceptance = Acceptance::new(nats, caller, Arc::clone(&call));
    let params = Reader::of_params(call, payload, is_whole);
    if is_whole {
        return Ok((
            headers,
            results.ending_at_once(),
            params.accepting(acceptance),
        ));
    }
    acceptance.give().await.context("cannot accept a call")?;
    Ok((headers, results, params))
}

/// How many bytes headers take in a message: a version, then a line for each of their values, then an empty line.
/// <https://docs.nats.io/reference/reference-protocols/nats-protocol#hpub>
fn length_of(headers: Option<&HeaderMap>) -> usize {
    let lines: usize = headers
        .into_iter()
        .flat_map(HeaderMap::iter)
        .flat_map(|(name, values)| values.iter().map(move |value| (name, value)))
        .map(|(name, value)| {
            let name: &str = name.as_ref();
            name.len() + ": ".len() + value.as_str().len() + "\r\n".len()
        })
        .sum();
    "NATS/1.0\r\n".len() + lines + "\r\n".len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_as_long_as_they_are_on_the_wire() {
        let mut headers = HeaderMap::new();
        headers.insert("source-id", "orders");
        headers.append("link-name", "a");
        headers.append("link-name", "b");
        let wire = "NATS/1.0\r\nsource-id: orders\r\nlink-name: a\r\nlink-name: b\r\n\r\n";
        assert_eq!(length_of(Some(&headers)), wire.len());
        let marked = end::mark(headers.clone());
        assert_eq!(
            length_of(Some(&marked)) - length_of(Some(&headers)),
            end::LENGTH
        );
    }
}
