//! The rules of the expiration service, with no WIT in them.
//! Every order has a deadline; the database's clock says which of them are due.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod deadline;
mod due;

pub use deadline::handle;
pub use due::announce_due;
