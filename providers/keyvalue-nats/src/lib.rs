//! Keys and values for components: serves `wasi:keyvalue` from NATS JetStream buckets.
//! The core ([`Bucket`], [`Links`]) needs no lattice; [`KeyValueProvider`] joins it to one.
#![forbid(unsafe_code)]

mod batch;
mod bindings;
mod bucket;
mod error;
mod increment;
mod jetstream;
mod key;
mod links;
mod list;
mod provider;
mod settings;

pub use bucket::Bucket;
pub use error::KeyValueError;
pub use jetstream::JetStream;
pub use links::Links;
pub use list::Page;
pub use provider::KeyValueProvider;
pub use settings::{BucketSettings, InvalidSettings, Settings};
