//! A handler that answers as a test says, and a stream to feed it from.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use async_nats::jetstream::consumer::{Info, PullConsumer};
use async_nats::jetstream::message::StreamMessage;
use jetstream_kit::{JetStream, ensure_dead_letters, ensure_events};
use jetstream_testing::{NatsServer, eventually};
use provider_kit::Health;
use provider_messaging_jetstream::{
    BatchHandler, Batches, Event, Failure, Feed, FeedConfig, Handler, Interface,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

pub const STREAM: &str = "TICKETING";
pub const DEAD_LETTERS: &str = "TICKETING_DEAD_LETTERS";
pub const CONSUMER: &str = "orders";

type Answer = dyn Fn(&Event) -> Result<(), Failure> + Send + Sync;

/// Answers each event with a function, and tells the test about each call.
#[derive(Clone)]
pub struct Scripted {
    answer: Arc<Answer>,
    calls: UnboundedSender<(Event, Instant)>,
}

/// The calls that a [`Scripted`] handler got.
pub struct Calls(UnboundedReceiver<(Event, Instant)>);

impl Scripted {
    pub fn new(
        answer: impl Fn(&Event) -> Result<(), Failure> + Send + Sync + 'static,
    ) -> (Self, Calls) {
        let (calls, received) = unbounded_channel();
        let answer: Arc<Answer> = Arc::new(answer);
        (Self { answer, calls }, Calls(received))
    }
}

impl Calls {
    /// The next call and its time.
    pub async fn next(&mut self) -> (Event, Instant) {
        let next = tokio::time::timeout(jetstream_testing::DEADLINE, self.0.recv());
        next.await
            .expect("the handler is called in time")
            .expect("the feed runs")
    }
}

impl Handler for Scripted {
    async fn handle(&self, event: Event) -> Result<(), Failure> {
        let answer = (self.answer)(&event);
        // The test may have heard enough.
        let _ = self.calls.send((event, Instant::now()));
        answer
    }
}

/// A server, a connection to it, and the streams.
pub struct Lattice {
    pub server: NatsServer,
    pub jetstream: JetStream,
    pub health: Health,
}

impl Lattice {
    pub async fn start() -> Self {
        let server = NatsServer::start().await;
        let jetstream = server.connect().await;
        ensure_events(&jetstream.context, STREAM).await.unwrap();
        ensure_dead_letters(&jetstream.context, DEAD_LETTERS)
            .await
            .unwrap();
        Self {
            server,
            jetstream,
            health: Health::default(),
        }
    }

    /// Feeds `handler` with the durable consumer "orders", configured by `pairs`, over a connection of its own.
    pub async fn feed(&self, pairs: &[(&str, &str)], handler: impl Handler) -> Feed {
        let config = config(Interface::Handler, pairs);
        self.start_feed(config, handler).await
    }

    /// Feeds `handler` in batches.
    pub async fn feed_in_batches(
        &self,
        pairs: &[(&str, &str)],
        handler: impl BatchHandler,
    ) -> Feed {
        let config = config(Interface::BatchHandler, pairs);
        let rules = config.batches.expect("batches");
        self.start_feed(config, Batches::start(handler, rules))
            .await
    }

    async fn start_feed(&self, config: FeedConfig, handler: impl Handler) -> Feed {
        let jetstream = self.server.connect().await;
        Feed::start("orders/default", config, jetstream, handler, &self.health)
    }

    /// Where the server keeps the consumer "orders".
    pub fn consumer_files(&self) -> PathBuf {
        let streams = self.server.files().join("jetstream/$G/streams");
        streams.join(STREAM).join("obs").join(CONSUMER)
    }

    /// Publishes `body` as a ticket:created event with the message id `id`, until it is stored.
    pub async fn publish(&self, id: &str, body: &str) {
        eventually("an event is stored", async || {
            let mut headers = async_nats::HeaderMap::new();
            headers.insert("Nats-Msg-Id", id);
            headers.insert("Content-Type", "application/cloudevents+json");
            self.jetstream
                .context
                .publish_with_headers("ticketing.ticket.created", headers, body.to_owned().into())
                .await
                .ok()?
                .await
                .ok()
        })
        .await;
    }

    /// The durable consumer's state.
    pub async fn consumer(&self) -> Option<Info> {
        let stream = self.jetstream.context.get_stream(STREAM).await.ok()?;
        let mut consumer: PullConsumer = stream.get_consumer(CONSUMER).await.ok()?;
        consumer.info().await.ok().cloned()
    }

    /// Waits until everything up to `sequence` is acknowledged and nothing is left.
    pub async fn acknowledged(&self, sequence: u64) {
        eventually("everything is acknowledged", async || {
            let info = self.consumer().await?;
            let done = info.ack_floor.stream_sequence == sequence
                && info.num_ack_pending == 0
                && info.num_pending == 0;
            done.then_some(())
        })
        .await;
    }

    /// How many dead letters there are.
    pub async fn dead_letters(&self) -> u64 {
        let mut stream = self
            .jetstream
            .context
            .get_stream(DEAD_LETTERS)
            .await
            .unwrap();
        stream.info().await.unwrap().state.messages
    }

    /// Waits for the first dead letter.
    pub async fn dead_letter(&self) -> StreamMessage {
        let stream = self
            .jetstream
            .context
            .get_stream(DEAD_LETTERS)
            .await
            .unwrap();
        eventually("a dead letter is stored", async || {
            stream.get_raw_message(1).await.ok()
        })
        .await
    }
}

fn config(interface: Interface, pairs: &[(&str, &str)]) -> FeedConfig {
    let mut values: HashMap<String, String> =
        HashMap::from([("consumer".to_owned(), CONSUMER.to_owned())]);
    values.extend(
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    );
    FeedConfig::from_link(interface, &values).unwrap()
}

pub fn refuse(reason: &str) -> Result<(), Failure> {
    Err(Failure::Refused(reason.to_owned()))
}

pub fn unanswered() -> Result<(), Failure> {
    Err(Failure::Unanswered {
        why: "no responders".to_owned(),
        is_counted: false,
    })
}
