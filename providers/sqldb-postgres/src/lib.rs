//! Postgres for components: serves `wasmcloud:postgres`, and our own interface for several statements at once, from one connection pool per link.
//! The core ([`Database`], [`Links`]) needs no lattice; [`PostgresProvider`] joins it to one.
#![forbid(unsafe_code)]

mod batch;
mod bindings;
mod calendar;
mod column;
mod database;
mod failure;
mod float;
mod links;
mod numeric;
mod parameter;
mod pool;
mod provider;
mod settings;
mod statement;
mod together;
mod trace;

pub use batch::Query;
pub use bindings::wasmcloud::postgres::types;
pub use database::Database;
pub use failure::{Failure, Fault};
pub use links::Links;
pub use provider::PostgresProvider;
pub use settings::{InvalidSettings, Settings};
