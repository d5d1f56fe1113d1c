//! A bucket: a JetStream stream that keeps the last message of every subject `$KV.<bucket>.<key>`,
//! as all NATS key-value clients have it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{GetStreamErrorKind, PublishErrorKind};
use async_nats::jetstream::kv;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::stream::{self, DirectGetErrorKind, StorageType, Stream};
use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::error::KeyValueError;
use crate::jetstream::{ANSWER_TIMEOUT, JetStream};
use crate::key;
use crate::settings::BucketSettings;

/// Header only of the markers that other clients leave behind for deleted keys.
pub(crate) const OPERATION: &str = "KV-Operation";
/// Locks for increments; more means fewer keys that wait for each other by chance.
const LOCKS: usize = 64;

/// One bucket. It is created, or its time to live corrected, before the first operation.
#[derive(Debug)]
pub struct Bucket {
    pub(crate) jetstream: JetStream,
    pub(crate) name: String,
    settings: BucketSettings,
    /// Whether the bucket was there, as it should be, when last looked at.
    ready: AtomicBool,
    /// Held while looking, so that only one task does.
    opening: Mutex<()>,
    /// Held by key while incrementing, so that calls of this process do not race each other.
    pub(crate) locks: [Mutex<()>; LOCKS],
}

/// What a subject's last message says.
#[derive(Default)]
pub(crate) struct Latest {
    /// The key's value, if it has one.
    pub(crate) value: Option<Bytes>,
    /// The message's sequence number; zero when there is no message.
    pub(crate) revision: u64,
}

/// How a write ended that did not fail.
pub(crate) enum Written {
    /// It is stored.
    Yes,
    /// The key's revision was another than expected.
    Superseded,
}

impl Bucket {
    /// The bucket of that name; touches nothing yet.
    pub fn new(jetstream: JetStream, name: impl Into<String>, settings: BucketSettings) -> Self {
        Self {
            jetstream,
            name: name.into(),
            settings,
            ready: AtomicBool::new(false),
            opening: Mutex::new(()),
            locks: std::array::from_fn(|_| Mutex::new(())),
        }
    }

    /// Looks whether the bucket exists with its time to live, and makes it so.
    ///
    /// # Errors
    /// When JetStream cannot be reached or refuses.
    pub async fn open(&self) -> Result<(), KeyValueError> {
        if let Some(reason) = self.jetstream.outage() {
            return Err(self.unavailable(reason));
        }
        let _opening = self.opening.lock().await;
        self.create_or_correct().await?;
        self.ready.store(true, Ordering::Release);
        Ok(())
    }

    /// The value of a key, if it has one.
    ///
    /// # Errors
    /// See [`KeyValueError`]; nothing is changed.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, KeyValueError> {
        let subject = self.subject(key)?;
        Ok(self.latest(&subject).await?.value)
    }

    /// Whether a key has a value.
    ///
    /// # Errors
    /// Like [`get`](Self::get).
    pub async fn exists(&self, key: &str) -> Result<bool, KeyValueError> {
        Ok(self.get(key).await?.is_some())
    }

    /// Gives a key a value, whether it had one or not.
    ///
    /// # Errors
    /// See [`KeyValueError`]; after `UnknownOutcome` the value may have been stored.
    pub async fn set(&self, key: &str, value: Bytes) -> Result<(), KeyValueError> {
        let subject = self.subject(key)?;
        self.write(&subject, value, None).await.map(drop)
    }

    /// Takes a key's value away, if it has one. Nothing is left of it, not even a marker, so deleted
    /// keys cost no space in a bucket that keeps its values for ever.
    ///
    /// # Errors
    /// See [`KeyValueError`].
    pub async fn delete(&self, key: &str) -> Result<(), KeyValueError> {
        let subject = self.subject(key)?;
        self.ensure_ready().await?;
        for first in [true, false] {
            let error = match self.stream().await?.purge().filter(&subject).await {
                Ok(_) => return Ok(()),
                Err(error) => error,
            };
            match error.kind() {
                stream::PurgeErrorKind::TimedOut => return Err(self.unknown_outcome()),
                stream::PurgeErrorKind::JetStream(error)
                    if first && error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    self.open().await?;
                }
                _ => return Err(self.unavailable(error)),
            }
        }
        Ok(())
    }

    /// What the last message of a subject says.
    pub(crate) async fn latest(&self, subject: &str) -> Result<Latest, KeyValueError> {
        self.ensure_ready().await?;
        let mut reopened = false;
        loop {
            let stream = self.stream().await?;
            let answer = stream.direct_get_last_for_subject(subject);
            let error = match timeout(ANSWER_TIMEOUT, answer).await {
                Ok(Ok(message)) => return Ok(Latest::of(message)),
                Ok(Err(error)) => error,
                Err(_) => return Err(self.unavailable("JetStream did not answer in time")),
            };
            match error.kind() {
                DirectGetErrorKind::NotFound => return Ok(Latest::default()),
                // Nobody answers for a stream that is gone.
                DirectGetErrorKind::Other if !reopened => {
                    self.open().await?;
                    reopened = true;
                }
                _ => return Err(self.unavailable(error)),
            }
        }
    }

    /// Stores a value, if `expected` is the sequence number of the subject's last message (0: there
    /// is none) or not given.
    pub(crate) async fn write(
        &self,
        subject: &str,
        value: Bytes,
        expected: Option<u64>,
    ) -> Result<Written, KeyValueError> {
        let most = self.jetstream.max_payload();
        if value.len() > most {
            return Err(KeyValueError::ValueTooLarge {
                bucket: self.name.clone(),
                size: value.len(),
                most,
            });
        }
        self.ensure_ready().await?;
        let mut headers = HeaderMap::new();
        if let Some(revision) = expected {
            headers.insert(
                async_nats::header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE,
                HeaderValue::from(revision),
            );
        }
        let mut reopened = false;
        loop {
            let context = self.jetstream.context();
            let sent = context
                .publish_with_headers(subject.to_owned(), headers.clone(), value.clone())
                .await;
            let error = match sent {
                Ok(acknowledgement) => match acknowledgement.await {
                    Ok(_) => return Ok(Written::Yes),
                    Err(error) => error,
                },
                Err(error) => return Err(self.unavailable(error)),
            };
            match error.kind() {
                PublishErrorKind::WrongLastSequence => return Ok(Written::Superseded),
                // Nobody listens for a stream that is gone, so nothing was stored.
                PublishErrorKind::StreamNotFound if !reopened => {
                    self.open().await?;
                    reopened = true;
                }
                PublishErrorKind::TimedOut | PublishErrorKind::BrokenPipe => {
                    return Err(self.unknown_outcome());
                }
                _ => return Err(self.unavailable(error)),
            }
        }
    }

    /// The subject of a key's messages.
    pub(crate) fn subject(&self, key: &str) -> Result<String, KeyValueError> {
        let encoded = key::encode(key);
        if encoded.len() > key::MAX_ENCODED_LENGTH {
            return Err(KeyValueError::KeyTooLong {
                bucket: self.name.clone(),
                length: encoded.len(),
                most: key::MAX_ENCODED_LENGTH,
            });
        }
        Ok(format!("{}{encoded}", self.prefix()))
    }

    /// What the subjects of all keys begin with.
    pub(crate) fn prefix(&self) -> String {
        format!("$KV.{}.", self.name)
    }

    pub(crate) async fn stream(&self) -> Result<Stream<()>, KeyValueError> {
        let context = self.jetstream.context();
        context
            .get_stream_no_info(self.stream_name())
            .await
            .map_err(|error| self.unavailable(error))
    }

    pub(crate) async fn ensure_ready(&self) -> Result<(), KeyValueError> {
        if let Some(reason) = self.jetstream.outage() {
            return Err(self.unavailable(reason));
        }
        if self.ready.load(Ordering::Acquire) {
            return Ok(());
        }
        let _opening = self.opening.lock().await;
        if !self.ready.load(Ordering::Acquire) {
            self.create_or_correct().await?;
            self.ready.store(true, Ordering::Release);
        }
        Ok(())
    }

    pub(crate) fn unavailable(&self, reason: impl std::fmt::Display) -> KeyValueError {
        KeyValueError::Unavailable {
            bucket: self.name.clone(),
            reason: reason.to_string(),
        }
    }

    fn unknown_outcome(&self) -> KeyValueError {
        KeyValueError::UnknownOutcome {
            bucket: self.name.clone(),
        }
    }

    fn stream_name(&self) -> String {
        format!("KV_{}", self.name)
    }

    async fn create_or_correct(&self) -> Result<(), KeyValueError> {
        let context = self.jetstream.context();
        match context.get_stream(self.stream_name()).await {
            Ok(stream) => self.correct(&stream.cached_info().config).await,
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(error)
                    if error.error_code() == ErrorCode::STREAM_NOT_FOUND =>
                {
                    self.create().await
                }
                _ => Err(self.unavailable(format!("JetStream cannot be reached: {error}"))),
            },
        }
    }

    async fn create(&self) -> Result<(), KeyValueError> {
        let config = kv::Config {
            bucket: self.name.clone(),
            history: 1,
            max_age: self.max_age(),
            storage: StorageType::File,
            num_replicas: self.settings.replicas,
            ..Default::default()
        };
        match self.jetstream.context().create_key_value(config).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.unavailable(format!("cannot be created: {error}"))),
        }
    }

    /// Gives a bucket that already exists the time to live that the link asks for.
    async fn correct(&self, config: &stream::Config) -> Result<(), KeyValueError> {
        if config.max_age == self.max_age() && config.allow_direct {
            return Ok(());
        }
        let mut config = config.clone();
        config.max_age = self.max_age();
        config.allow_direct = true;
        if let Some(ttl) = self.settings.ttl {
            // The server insists that no message is remembered as a duplicate for longer than it lives.
            config.duplicate_window = config.duplicate_window.min(ttl);
        }
        match self.jetstream.context().update_stream(&config).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.unavailable(format!("its time to live cannot be set: {error}"))),
        }
    }

    /// The time to live as streams have it: zero for ever.
    fn max_age(&self) -> Duration {
        self.settings.ttl.unwrap_or_default()
    }
}

impl Latest {
    fn of(message: StreamMessage) -> Self {
        let deleted = message.headers.get(OPERATION).is_some();
        Self {
            value: (!deleted).then_some(message.payload),
            revision: message.sequence,
        }
    }
}
