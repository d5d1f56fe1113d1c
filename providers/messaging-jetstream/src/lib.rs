//! `wasmcloud:messaging@0.2.0` over NATS JetStream: durable, acknowledged delivery to components, in batches to those that
//! take them (`ticketing:messaging@0.1.0`).
//! A component never sees NATS; what it cannot handle ends in a dead-letter stream.
#![forbid(unsafe_code)]

mod batch;
mod bindings;
mod component;
mod config;
mod consumer;
mod delivery;
mod failures;
mod feed;
mod handler;
mod outage;
mod provider;
mod publisher;
mod pull;
mod subject;
mod verdict;

pub use batch::{BatchHandler, BatchRules, Batches};
pub use config::{FeedConfig, Interface};
pub use feed::Feed;
pub use handler::{Event, Failure, Handler};
pub use provider::run;
pub use publisher::Publisher;
