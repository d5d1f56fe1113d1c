//! Time: the machine's for objects, shifted on request for webhook signatures.
//! A shifted signature is how a receiver's tolerance for old timestamps is tested.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the epoch.
pub fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_millis()).ok())
        .unwrap_or_default()
}

/// Seconds since the epoch, the unit of every `created`.
pub fn now() -> i64 {
    now_ms() / 1000
}

/// The clock that signs webhooks.
#[derive(Debug, Default)]
pub struct SignatureClock {
    offset_seconds: AtomicI64,
}

impl SignatureClock {
    /// Seconds since the epoch, plus the offset.
    pub fn now(&self) -> i64 {
        now() + self.offset_seconds.load(Ordering::Relaxed)
    }

    /// Sets the offset; negative ones sign as in the past.
    pub fn set_offset(&self, seconds: i64) {
        self.offset_seconds.store(seconds, Ordering::Relaxed);
    }
}
