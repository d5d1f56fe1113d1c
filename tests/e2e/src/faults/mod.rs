//! Everything that breaks a lattice on purpose: servers of the suite's own, proxies in front of them that can be cut, and the
//! parts of the lattice as victims.
mod arena;
mod buyer;
mod part;
mod proxy;
mod servers;

pub use arena::{Arena, Fault};
pub use buyer::{Determined, Ending};
pub use part::{Part, Strike};
pub use proxy::{Cut, Proxy};
pub use servers::Servers;
