//! A plain host and a plain wadm, with the environment that docs/operations.md asks for and nothing else of ours.
use anyhow::Result;
use tokio::process::Command;

use crate::ground::Ground;
use crate::program::Program;

/// They run until they are dropped.
pub struct Host {
    _wadm: Program,
    _host: Program,
}

impl Host {
    /// Starts both; `more` is added to the host's environment.
    pub fn start(ground: &Ground, more: &[(&str, &str)]) -> Result<Self> {
        let programs = ground.data().join("wash");
        let mut wadm = Command::new(programs.join("wadm"));
        wadm.env("WADM_NATS_SERVER", &ground.endpoints.nats);
        let mut host = Command::new(programs.join("v1.9.1/wasmcloud_host"));
        let temporary = ground.folder().join("tmp");
        std::fs::create_dir_all(&temporary)?;
        host.envs(ground.variables()?)
            .env("WASMCLOUD_ALLOW_FILE_LOAD", "true")
            .env("TMPDIR", temporary)
            .envs(more.iter().copied());
        Ok(Self {
            _wadm: Program::start(wadm, ground.folder(), "wadm")?,
            _host: Program::start(host, ground.folder(), "host")?,
        })
    }
}
