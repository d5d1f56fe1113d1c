//! The fixture of the end-to-end suite: a whole lattice behind one address, and people who use it.
//! Black box: only what contract-bound clients, operators and the event stream can see.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod checkout;
mod collector;
mod cookies;
mod double;
mod endpoints;
mod events;
pub mod faults;
mod inventory;
mod lattice;
mod openapi;
mod operator;
mod people;
mod processes;
mod python;
mod reply;
mod schemas;
mod shop;
mod streams;
mod suite;
mod tokens;
mod wait;
mod webhook;

pub use checkout::Checkout;
pub use collector::{Collector, Span};
pub use cookies::{Jar, SetCookie};
pub use double::Double;
pub use endpoints::Endpoints;
pub use events::{EventLog, Message, Published};
pub use inventory::{Inventory, inventories};
pub use lattice::{Lattice, Setup, repository, tool};
pub use openapi::OpenApi;
pub use operator::Operator;
pub use people::Person;
pub use processes::Process;
pub use python::Python;
pub use reply::Reply;
pub use schemas::{Schemas, mutilations};
pub use shop::Shop;
pub use streams::StreamBackup;
pub use suite::{RUNTIME, module_of, one_by_one, trial, trial_name};
pub use tokens::{Keys, claims, forge, forge_unsigned};
pub use wait::{eventually, within};
pub use webhook::{signature, unix_now};

/// What signs Stripe's webhooks in every lattice that the suite starts.
pub const WEBHOOK_SECRET: &str = "whsec_of_the_end_to_end_suite";
