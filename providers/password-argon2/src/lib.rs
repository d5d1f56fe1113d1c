//! Password hashes for components: serves `ticketing:password/hasher` with argon2id, computed natively by a few threads.
//! The core ([`Pool`], [`hash`], [`verify`]) needs no lattice; [`PasswordProvider`] joins it to one.
#![forbid(unsafe_code)]

mod bindings;
mod error;
mod hasher;
mod memory;
mod parameters;
mod pool;
mod provider;
mod settings;
mod stored;

pub use error::HashError;
pub use hasher::{hash, verify};
pub use memory::Memory;
pub use pool::Pool;
pub use provider::PasswordProvider;
pub use settings::{InvalidSettings, Settings};
pub use stored::Stored;
