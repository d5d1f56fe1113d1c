//! Child processes: each in a group of its own, with its output in a log, started again when it ends, and ended
//! together with everything it started.
mod child;
mod leftovers;
mod log;
mod program;

pub use child::{Aftercare, Child, Restart, stop_all};
pub use leftovers::Leftovers;
pub use log::last_line;
pub use program::{Program, which};
