//! The rules of the tickets service, with no WIT in them.
//! A ticket is drafted, sold, edited and withdrawn by its seller; orders reserve and free it.
#![forbid(unsafe_code)]
#![deny(missing_docs, rust_2018_idioms)]

mod browse;
mod draft;
mod edit;
mod own;
mod reservation;
mod sell;
mod show;
mod withdraw;

pub use browse::{Listing, Search, browse};
pub use draft::Draft;
pub use edit::{EditError, edit};
pub use own::own;
pub use reservation::handle;
pub use sell::sell;
pub use show::show;
pub use withdraw::withdraw;
