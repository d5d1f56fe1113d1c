//! Listing keys, a page at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use futures::StreamExt as _;
use tokio::time::timeout;

use crate::bucket::{Bucket, OPERATION};
use crate::error::KeyValueError;
use crate::jetstream::ANSWER_TIMEOUT;
use crate::key;

/// Most keys of a page.
const PAGE: usize = 1000;
/// When the server forgets a listing's consumer that could not be deleted.
const CONSUMER_LIFETIME: Duration = Duration::from_secs(10);

/// Some of a bucket's keys, in no particular order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The keys, each once.
    pub keys: Vec<String>,
    /// Where the next page begins; `None` on the last one.
    pub cursor: Option<u64>,
}

impl Bucket {
    /// The keys after `cursor`, or the first ones. The cursor is the sequence number of the page's last
    /// message: a key that is written between two pages moves behind them and may come again. Keys that
    /// other tools have put in under names that this provider would not give them are left out.
    ///
    /// # Errors
    /// When JetStream cannot be reached or refuses.
    pub async fn keys(&self, cursor: Option<u64>) -> Result<Page, KeyValueError> {
        self.ensure_ready().await?;
        match timeout(ANSWER_TIMEOUT, self.page(cursor)).await {
            Ok(page) => page,
            Err(_) => Err(self.unavailable("JetStream did not answer in time")),
        }
    }

    async fn page(&self, cursor: Option<u64>) -> Result<Page, KeyValueError> {
        let stream = self.stream().await?;
        let consumer = stream
            .create_consumer(pull::Config {
                deliver_policy: match cursor {
                    None => DeliverPolicy::All,
                    Some(last) => DeliverPolicy::ByStartSequence {
                        start_sequence: last.saturating_add(1),
                    },
                },
                ack_policy: AckPolicy::None,
                filter_subject: format!("{}>", self.prefix()),
                headers_only: true,
                inactive_threshold: CONSUMER_LIFETIME,
                memory_storage: true,
                num_replicas: 1,
                ..Default::default()
            })
            .await
            .map_err(|error| self.unavailable(error))?;
        let pending = usize::try_from(consumer.cached_info().num_pending).unwrap_or(usize::MAX);

        let mut keys = BTreeSet::new();
        let mut last = None;
        let mut received = 0;
        if pending > 0 {
            let mut messages = consumer
                .fetch()
                .max_messages(PAGE.min(pending))
                .messages()
                .await
                .map_err(|error| self.unavailable(error))?;
            while let Some(message) = messages.next().await {
                let message = message.map_err(|error| self.unavailable(error))?;
                let info = message.info().map_err(|error| self.unavailable(error))?;
                last = Some(info.stream_sequence);
                received += 1;
                let deleted = message
                    .headers
                    .as_ref()
                    .is_some_and(|headers| headers.get(OPERATION).is_some());
                let encoded = message.subject.strip_prefix(&self.prefix());
                if let (false, Some(key)) = (deleted, encoded.and_then(key::decode)) {
                    keys.insert(key);
                }
            }
        }
        // Failing to delete it does no harm: the server forgets it soon.
        let name = &consumer.cached_info().name;
        let _ = stream.delete_consumer(name).await;
        Ok(Page {
            keys: keys.into_iter().collect(),
            cursor: last.filter(|_| received < pending),
        })
    }
}
