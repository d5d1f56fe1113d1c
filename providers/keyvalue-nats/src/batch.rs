//! Operations on many keys at once. They are not atomic: after an error some keys may have changed.

use bytes::Bytes;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::bucket::Bucket;
use crate::error::KeyValueError;

/// How many keys are worked on at a time.
const CONCURRENCY: usize = 32;

impl Bucket {
    /// The keys with their values, in the order asked for, `None` for those without a value.
    ///
    /// # Errors
    /// The first that [`get`](Self::get) meets.
    pub async fn get_many(
        &self,
        keys: Vec<String>,
    ) -> Result<Vec<Option<(String, Bytes)>>, KeyValueError> {
        let pairs = keys.into_iter().map(async |key| {
            let value = self.get(&key).await?;
            Ok(value.map(|value| (key, value)))
        });
        stream::iter(pairs)
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }

    /// Gives every key its value.
    ///
    /// # Errors
    /// The first that [`set`](Self::set) meets; other keys may have been set.
    pub async fn set_many(&self, pairs: Vec<(String, Bytes)>) -> Result<(), KeyValueError> {
        stream::iter(pairs.into_iter().map(Ok))
            .try_for_each_concurrent(CONCURRENCY, async |(key, value)| {
                self.set(&key, value).await
            })
            .await
    }

    /// Takes the values of all the keys away.
    ///
    /// # Errors
    /// The first that [`delete`](Self::delete) meets; other keys may have been deleted.
    pub async fn delete_many(&self, keys: Vec<String>) -> Result<(), KeyValueError> {
        stream::iter(keys.into_iter().map(Ok))
            .try_for_each_concurrent(CONCURRENCY, async |key: String| self.delete(&key).await)
            .await
    }
}
