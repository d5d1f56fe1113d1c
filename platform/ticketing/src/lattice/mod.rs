//! The lattice: what of it is kept, named configurations and secrets, the manifest, and its deployment.
use std::time::Duration;

use async_nats::Client;
use wasmcloud_control_interface::ClientBuilder;

mod application;
pub mod backend;
mod config;
mod connect;
mod deploy;
mod event;
#[cfg(test)]
pub mod fixtures;
mod inventory;
mod links;
mod manifest;
mod state;

pub use config::{Connections, put as put_config, put_in_time as put_config_in_time};
pub use connect::connect;
pub use deploy::{deploy, deploy_version, deployed, wadm_answers};
pub use event::host_stopped;
pub use inventory::is_idle;
pub use links::put as put_links;
pub use manifest::{Manifest, Overrides};
pub use state::wipe;

/// The lattice's name, wasmCloud's default.
pub const LATTICE: &str = "default";

/// The hosts' control interface.
fn control(client: &Client) -> wasmcloud_control_interface::Client {
    ClientBuilder::new(client.clone())
        .lattice(LATTICE)
        .timeout(Duration::from_secs(5))
        .build()
}
