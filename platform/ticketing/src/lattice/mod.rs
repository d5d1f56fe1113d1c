//! The lattice: what of it is kept, the named configurations with secrets, the manifest, and its deployment.
mod config;
mod deploy;
mod event;
mod manifest;
mod state;

pub use config::{Connections, put as put_config};
pub use deploy::{deploy, wadm_answers};
pub use event::host_stopped;
pub use manifest::{Manifest, Overrides};
pub use state::wipe;

/// The lattice's name, wasmCloud's default.
pub const LATTICE: &str = "default";
