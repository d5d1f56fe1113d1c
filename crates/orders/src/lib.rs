//! The rules of the orders service, with no WIT in them.
//! An order reserves a ticket until it expires; it is cancelled, or paid for and complete.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod cancel;
mod event;
mod expire;
mod list;
mod payment;
mod reserve;
mod show;
mod ticket;

pub use cancel::{CancelError, cancel};
pub use event::handle;
pub use list::{Listing, list};
pub use reserve::{Reservation, Window, WindowError, reserve, wanted_ticket};
pub use show::{ShowError, show};
