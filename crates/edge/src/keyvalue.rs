//! `wasi:keyvalue` as a [`kit::KeyValue`].

use kit::{KeyValue, KeyValueError};

use crate::bindings::imports::wasi::keyvalue::{atomics, store};

/// A bucket behind the link that the manifest gives the service.
pub struct Bucket(store::Bucket);

impl Bucket {
    /// Opens the bucket `name`.
    ///
    /// # Errors
    /// When the link does not list it, or the store cannot be reached.
    pub fn open(name: &str) -> Result<Self, KeyValueError> {
        store::open(name).map(Self).map_err(from_wit)
    }
}

impl KeyValue for Bucket {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.0.get(key).map_err(from_wit)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), KeyValueError> {
        self.0.set(key, value).map_err(from_wit)
    }

    fn delete(&self, key: &str) -> Result<(), KeyValueError> {
        self.0.delete(key).map_err(from_wit)
    }

    fn increment(&self, key: &str) -> Result<u64, KeyValueError> {
        atomics::increment(&self.0, key, 1).map_err(from_wit)
    }
}

fn from_wit(error: store::Error) -> KeyValueError {
    KeyValueError(match error {
        store::Error::NoSuchStore => "no such bucket".to_owned(),
        store::Error::AccessDenied => "access denied".to_owned(),
        store::Error::Other(reason) => reason,
    })
}
