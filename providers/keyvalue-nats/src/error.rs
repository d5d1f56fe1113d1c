//! What an operation can fail with.

use crate::bindings::exports::wrpc::keyvalue::store;

/// Why an operation failed. Messages name bucket and cause, never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyValueError {
    /// The link does not list the bucket.
    #[error("no such store")]
    NoSuchStore,
    /// JetStream cannot be reached, or refuses; nothing was changed.
    #[error("bucket {bucket}: {reason}")]
    Unavailable {
        /// The bucket's name.
        bucket: String,
        /// Why.
        reason: String,
    },
    /// A write was sent and no acknowledgement came: it may or may not have happened.
    #[error("bucket {bucket}: no acknowledgement came; whether the write happened is not known")]
    UnknownOutcome {
        /// The bucket's name.
        bucket: String,
    },
    /// The key's encoded form is too long for a NATS subject.
    #[error(
        "bucket {bucket}: the key is too long: {length} characters when encoded, at most {most} are possible"
    )]
    KeyTooLong {
        /// The bucket's name.
        bucket: String,
        /// The length that it has.
        length: usize,
        /// The length that it may have.
        most: usize,
    },
    /// The value is larger than the NATS server takes.
    #[error("bucket {bucket}: the value has {size} bytes, the NATS server takes at most {most}")]
    ValueTooLarge {
        /// The bucket's name.
        bucket: String,
        /// The size that it has, in bytes.
        size: usize,
        /// The size that it may have.
        most: usize,
    },
    /// Something other than a decimal number was to be incremented.
    #[error("bucket {bucket}: the value to increment is not a decimal number of 64 bits")]
    NotANumber {
        /// The bucket's name.
        bucket: String,
    },
    /// The sum would exceed 64 bits.
    #[error("bucket {bucket}: the incremented number would exceed 64 bits")]
    Overflow {
        /// The bucket's name.
        bucket: String,
    },
    /// Others kept changing the value.
    #[error("bucket {bucket}: the value changed {attempts} times while it was to be incremented")]
    Contended {
        /// The bucket's name.
        bucket: String,
        /// How often it was tried.
        attempts: u32,
    },
    /// The component has no usable link.
    #[error("{0}")]
    NoLink(String),
}

impl From<KeyValueError> for store::Error {
    fn from(error: KeyValueError) -> Self {
        match error {
            KeyValueError::NoSuchStore => Self::NoSuchStore,
            other => Self::Other(other.to_string()),
        }
    }
}
