//! The durable consumer behind a feed.

use std::collections::BTreeSet;

use async_nats::jetstream::consumer::{
    AckPolicy, Config, DeliverPolicy, IntoConsumerConfig as _, pull,
};
use async_nats::jetstream::stream::{ConsumerError, Stream};

use crate::config::FeedConfig;

/// Makes sure that the consumer exists with a feed's settings.
///
/// One that has them is left alone: with every setting the server writes a consumer's files, which it cannot where their
/// folder is gone or the disk is full, and what it knows in memory is good enough to hear events from.
///
/// # Errors
/// When the server does not answer, or cannot make or change it.
pub async fn ensure(stream: &Stream, feed: &FeedConfig) -> Result<(), ConsumerError> {
    let wanted = settings(feed);
    if let Ok(found) = stream.consumer_info(&feed.consumer).await
        && are_alike(&found.config, &wanted.clone().into_consumer_config())
    {
        return Ok(());
    }
    stream.create_consumer(wanted).await?;
    Ok(())
}

fn settings(feed: &FeedConfig) -> pull::Config {
    pull::Config {
        durable_name: Some(feed.consumer.clone()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: feed.ack_wait,
        filter_subjects: feed.filter_subjects.clone(),
        max_ack_pending: i64::try_from(feed.max_ack_pending).unwrap_or(i64::MAX),
        // The server would drop a message silently after its last delivery; this provider
        // counts, and keeps it as a dead letter.
        max_deliver: -1,
        ..pull::Config::default()
    }
}

/// Whether both have the same of what a feed sets. The server fills in the rest.
fn are_alike(a: &Config, b: &Config) -> bool {
    let set = |config: &Config| {
        (
            config.deliver_policy,
            config.ack_policy,
            config.ack_wait,
            config.max_ack_pending,
            config.max_deliver,
        )
    };
    set(a) == set(b) && filters(a) == filters(b)
}

/// The server has a single filter in a field of its own.
fn filters(config: &Config) -> BTreeSet<&str> {
    let all = config
        .filter_subjects
        .iter()
        .chain([&config.filter_subject]);
    all.map(String::as_str)
        .filter(|subject| !subject.is_empty())
        .collect()
}
