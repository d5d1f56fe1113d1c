//! The metrics, their labels and units. Names begin with `ticketing_`.
use std::fmt::Display;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::error::Elapsed;

/// Seconds, with fractions.
type Seconds = Gauge<f64, AtomicU64>;

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub struct Service {
    pub service: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub struct Status {
    pub status: String,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub struct Consumer {
    pub consumer: String,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
pub struct Stream {
    pub stream: String,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Source {
    source: &'static str,
}

/// All of them, filled for one scrape.
#[derive(Default)]
pub struct Families {
    source_up: Family<Source, Gauge>,
    pub outbox_rows: Family<Service, Gauge>,
    pub outbox_oldest: Family<Service, Seconds>,
    pub orders_open: Gauge,
    pub orders_overdue: Gauge,
    pub orders_overdue_longest: Seconds,
    pub deadlines_late: Gauge,
    pub payments: Family<Status, Gauge>,
    pub payments_unsettled_oldest: Seconds,
    pub payments_unanswered: Gauge,
    pub webhooks_waiting: Gauge,
    pub webhooks_oldest: Seconds,
    pub stream_messages: Family<Stream, Gauge>,
    pub stream_bytes: Family<Stream, Gauge>,
    pub consumer_pending: Family<Consumer, Gauge>,
    pub consumer_unacknowledged: Family<Consumer, Gauge>,
    pub consumer_redelivered: Family<Consumer, Gauge>,
    pub dead_letters: Family<Consumer, Gauge>,
}

impl Families {
    /// Notes whether a source could be measured; why not goes to stderr.
    pub fn source<E: Display>(
        &self,
        source: &'static str,
        outcome: Result<Result<(), E>, Elapsed>,
    ) {
        let up = match outcome {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                eprintln!("cannot measure {source}: {error:#}");
                false
            }
            Err(_) => {
                eprintln!("cannot measure {source}: no answer in time");
                false
            }
        };
        self.source_up
            .get_or_create(&Source { source })
            .set(up.into());
    }

    /// Makes them known under their names.
    pub fn register(self, to: &mut Registry) {
        to.register(
            "source_up",
            "Whether a database or the streams could be measured",
            self.source_up,
        );
        to.register(
            "outbox_rows",
            "Events that are written and not yet on the stream",
            self.outbox_rows,
        );
        seconds(
            to,
            "outbox_oldest",
            "Age of the oldest of them",
            self.outbox_oldest,
        );
        to.register(
            "orders_open",
            "Orders that are neither complete nor cancelled",
            self.orders_open,
        );
        to.register(
            "orders_overdue",
            "Open orders whose time to pay is over",
            self.orders_overdue,
        );
        seconds(
            to,
            "orders_overdue_longest",
            "By how much the first of them is late",
            self.orders_overdue_longest,
        );
        to.register(
            "deadlines_late",
            "Deadlines that have passed and are not announced",
            self.deadlines_late,
        );
        to.register("payments", "Payments by state", self.payments);
        seconds(
            to,
            "payments_unsettled_oldest",
            "Time since the longest unsettled payment has last changed",
            self.payments_unsettled_oldest,
        );
        to.register("payments_unanswered", "Captured for more than a minute, and neither is the order complete nor is the money on its way back", self.payments_unanswered);
        to.register(
            "webhooks_waiting",
            "Webhooks that were acknowledged and not handled",
            self.webhooks_waiting,
        );
        seconds(
            to,
            "webhooks_oldest",
            "Age of the oldest of them",
            self.webhooks_oldest,
        );
        to.register(
            "stream_messages",
            "Messages in a stream",
            self.stream_messages,
        );
        to.register_with_unit("stream", "Size of a stream", Unit::Bytes, self.stream_bytes);
        to.register(
            "consumer_pending",
            "Events that a service has not been given yet",
            self.consumer_pending,
        );
        to.register(
            "consumer_unacknowledged",
            "Events that a service was given and has not handled",
            self.consumer_unacknowledged,
        );
        to.register(
            "consumer_redelivered",
            "Of those, the ones that were given more than once",
            self.consumer_redelivered,
        );
        to.register(
            "dead_letters",
            "Events that could not be handled and wait for a person",
            self.dead_letters,
        );
    }
}

fn seconds(
    to: &mut Registry,
    name: &str,
    help: &str,
    metric: impl prometheus_client::registry::Metric,
) {
    to.register_with_unit(name, help, Unit::Seconds, metric);
}
