//! The buckets of auth's key-value store, by the names that the manifest gives them.

use auth_rules::Sessions;
use edge::Bucket;
use kit::{KeyValue as _, KeyValueError};

const SESSIONS: &str = "sessions";
const REFRESH_TOKENS: &str = "refresh-tokens";
const THROTTLE: &str = "signin-throttle";

/// The sessions that can be renewed.
pub fn sessions() -> Result<Sessions<Bucket>, KeyValueError> {
    Ok(Sessions::new(
        Bucket::open(SESSIONS)?,
        Bucket::open(REFRESH_TOKENS)?,
    ))
}

/// Failed sign-ins.
pub fn failures() -> Result<Bucket, KeyValueError> {
    Bucket::open(THROTTLE)
}

/// Whether every bucket can be read; the key need not be there.
pub fn check() -> Result<(), KeyValueError> {
    [SESSIONS, REFRESH_TOKENS, THROTTLE]
        .into_iter()
        .try_for_each(|name| Bucket::open(name)?.get("health").map(drop))
}
