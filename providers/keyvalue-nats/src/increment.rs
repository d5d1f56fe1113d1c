//! Atomic increments: read, add, and write only if nobody else has written in between.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use bytes::Bytes;

use crate::bucket::{Bucket, Written};
use crate::error::KeyValueError;

/// Attempts before giving up. Calls of one process queue up for a key, so only other replicas of the
/// provider are in the way.
const ATTEMPTS: u32 = 12;
/// Longest pause, in microseconds, before the second attempt; doubles with each one after it.
const FIRST_PAUSE_MICROS: u64 = 500;
/// Longest pause ever, in microseconds.
const LONGEST_PAUSE_MICROS: u64 = 50_000;

impl Bucket {
    /// Adds `delta` to a key's number, or to zero when it has none, and returns the sum. Numbers are
    /// stored as decimal text. The key's time to live begins anew.
    ///
    /// # Errors
    /// See [`KeyValueError`]; after `UnknownOutcome` the number may have been incremented.
    pub async fn increment(&self, key: &str, delta: u64) -> Result<u64, KeyValueError> {
        let subject = self.subject(key)?;
        let _turn = self.locks[stripe(key, self.locks.len())].lock().await;
        for attempt in 0..ATTEMPTS {
            let latest = self.latest(&subject).await?;
            let number = match &latest.value {
                None => 0,
                Some(value) => self.number(value)?,
            };
            let sum = number
                .checked_add(delta)
                .ok_or_else(|| KeyValueError::Overflow {
                    bucket: self.name.clone(),
                })?;
            let text = Bytes::from(sum.to_string());
            match self.write(&subject, text, Some(latest.revision)).await? {
                Written::Yes => return Ok(sum),
                Written::Superseded => tokio::time::sleep(pause(attempt)).await,
            }
        }
        Err(KeyValueError::Contended {
            bucket: self.name.clone(),
            attempts: ATTEMPTS,
        })
    }

    fn number(&self, value: &[u8]) -> Result<u64, KeyValueError> {
        decimal(value).ok_or_else(|| KeyValueError::NotANumber {
            bucket: self.name.clone(),
        })
    }
}

fn decimal(value: &[u8]) -> Option<u64> {
    let digits = value.iter().all(u8::is_ascii_digit);
    digits
        .then(|| str::from_utf8(value).ok()?.parse().ok())
        .flatten()
}

fn stripe(key: &str, stripes: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    (hasher.finish() % stripes as u64) as usize
}

/// A random pause, so that two replicas do not meet again at once.
fn pause(attempt: u32) -> Duration {
    let most = (FIRST_PAUSE_MICROS << attempt).min(LONGEST_PAUSE_MICROS);
    Duration::from_micros(fastrand::u64(0..=most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_decimal_numbers_of_64_bits_can_be_incremented() {
        assert_eq!(decimal(b"0"), Some(0));
        assert_eq!(decimal(b"18446744073709551615"), Some(u64::MAX));
        for text in ["", "+1", "-1", " 1", "1.0", "18446744073709551616", "x"] {
            assert_eq!(decimal(text.as_bytes()), None, "{text:?}");
        }
    }

    #[test]
    fn pauses_stay_within_their_bounds() {
        for attempt in 0..ATTEMPTS {
            assert!(pause(attempt) <= Duration::from_micros(LONGEST_PAUSE_MICROS));
        }
    }
}
