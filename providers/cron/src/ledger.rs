//! The ledger: the last tick of a schedule that was claimed, one entry for the whole lattice.
//!
//! Whoever replaces the entry at the revision that it knows has claimed the tick; all others find a
//! newer revision. One entry for each schedule, not one for each tick: nothing has to expire, and
//! after an outage the entry still says which tick was the last.

use async_nats::jetstream::Context;
use async_nats::jetstream::kv::{Config, CreateErrorKind, Operation, Store, UpdateErrorKind};
use async_nats::jetstream::stream::StorageType;

use crate::schedule::Tick;

/// How far ahead of the server's clock a tick may be, in milliseconds. A host whose clock is wrong
/// must not keep all others from firing until its time has come.
const CLOCK_TOLERANCE: i64 = 60_000;

/// The ledger cannot be read or written now.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The bucket is missing and cannot be created.
    #[error("bucket {0}: {1}")]
    Bucket(String, String),
    /// The entry cannot be read.
    #[error("the last tick cannot be read: {0}")]
    Read(String),
    /// The entry cannot be written.
    #[error("the tick cannot be claimed: {0}")]
    Write(String),
}

/// Whose a tick is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// This instance's: it has to invoke.
    Won,
    /// Another's, or none to invoke for: it is not newer than the last, or the schedule is new.
    Taken,
}

/// The last claim, as far as this instance knows.
#[derive(Debug, Clone)]
struct Last {
    tick: Tick,
    claimant: String,
    revision: u64,
}

/// The entry of one schedule.
#[derive(Debug)]
pub struct Ledger {
    store: Store,
    key: String,
    /// Tells this instance's claims from others'.
    claimant: String,
    last: Option<Last>,
}

/// The key of a schedule: `<component>.<link>`, other characters than letters, digits, - and _ escaped.
#[must_use]
pub fn key(component: &str, link: &str) -> String {
    let escape = |name: &str| -> String {
        name.bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => (b as char).to_string(),
                _ => format!("={b:02X}"),
            })
            .collect()
    };
    format!("{}.{}", escape(component), escape(link))
}

impl Ledger {
    /// Opens the ledger in `bucket`, which is created when it is missing.
    ///
    /// # Errors
    /// When JetStream does not answer.
    pub async fn open(
        jetstream: &Context,
        bucket: &str,
        key: &str,
        claimant: &str,
    ) -> Result<Self, LedgerError> {
        let store = match jetstream.get_key_value(bucket).await {
            Ok(store) => store,
            Err(_) => jetstream
                .create_key_value(Config {
                    bucket: bucket.to_owned(),
                    description: "the last tick of each schedule that was claimed".to_owned(),
                    history: 1,
                    storage: StorageType::File,
                    ..Config::default()
                })
                .await
                .map_err(|error| LedgerError::Bucket(bucket.to_owned(), error.to_string()))?,
        };
        Ok(Self {
            store,
            key: key.to_owned(),
            claimant: claimant.to_owned(),
            last: None,
        })
    }

    /// Claims `tick`. A schedule that has no entry yet gets one and fires from the next tick on.
    ///
    /// # Errors
    /// When the server does not answer. The claim may have been written all the same: claim again.
    pub async fn claim(&mut self, tick: Tick) -> Result<Claim, LedgerError> {
        loop {
            let Some(last) = self.last.clone() else {
                match self.read().await? {
                    // Written before an error, and not known until now.
                    Some(last) if last.tick == tick && last.claimant == self.claimant => {
                        self.last = Some(last);
                        return Ok(Claim::Won);
                    }
                    Some(last) => self.last = Some(last),
                    None => self.begin(tick).await?,
                }
                continue;
            };
            if last.tick >= tick {
                return Ok(Claim::Taken);
            }
            match self
                .store
                .update(&self.key, self.value(tick), last.revision)
                .await
            {
                Ok(revision) => {
                    self.last = Some(self.mine(tick, revision));
                    return Ok(Claim::Won);
                }
                Err(error) => {
                    self.last = None;
                    if error.kind() != UpdateErrorKind::WrongLastRevision {
                        return Err(LedgerError::Write(error.to_string()));
                    }
                }
            }
        }
    }

    /// Writes the first entry. When another did, the next look finds it.
    async fn begin(&mut self, tick: Tick) -> Result<(), LedgerError> {
        // The empty claimant: nobody invokes for the tick at which a schedule begins.
        let value = format!("{tick} ");
        match self.store.create(&self.key, value.into()).await {
            Ok(revision) => {
                self.last = Some(Last {
                    tick,
                    claimant: String::new(),
                    revision,
                });
                Ok(())
            }
            Err(error) if error.kind() == CreateErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(LedgerError::Write(error.to_string())),
        }
    }

    async fn read(&self) -> Result<Option<Last>, LedgerError> {
        let entry = self
            .store
            .entry(&self.key)
            .await
            .map_err(|error| LedgerError::Read(error.to_string()))?
            .filter(|entry| entry.operation == Operation::Put);
        let Some(entry) = entry else {
            return Ok(None);
        };
        let value = String::from_utf8_lossy(&entry.value);
        let (tick, claimant) = value.split_once(' ').unwrap_or((&value, ""));
        let written = entry.created.unix_timestamp().saturating_mul(1000);
        // What is no tick counts as the oldest: the next claim replaces it.
        let tick = tick.parse().unwrap_or(Tick::MIN);
        Ok(Some(Last {
            tick: tick.min(written.saturating_add(CLOCK_TOLERANCE)),
            claimant: claimant.to_owned(),
            revision: entry.revision,
        }))
    }

    fn value(&self, tick: Tick) -> bytes::Bytes {
        format!("{tick} {}", self.claimant).into()
    }

    fn mine(&self, tick: Tick, revision: u64) -> Last {
        Last {
            tick,
            claimant: self.claimant.clone(),
            revision,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn a_key_names_the_component_and_the_link() {
        assert_eq!(key("expiration", "every-second"), "expiration.every-second");
    }

    #[test]
    fn no_two_schedules_share_a_key() {
        assert_ne!(key("a.b", "c"), key("a", "b.c"));
        assert_eq!(key("a.b", "c d"), "a=2Eb.c=20d");
    }
}
