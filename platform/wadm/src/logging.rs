//! Logs on stderr, filtered by `RUST_LOG` (`info` when unset).
//! Text, or JSON lines when structured logging is asked for.
use std::io::{IsTerminal as _, stderr};

use anyhow::anyhow;
use tracing_subscriber::EnvFilter;

/// Installs the process's subscriber.
///
/// # Errors
/// When one is installed already.
pub fn init(structured: bool) -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    let installed = if structured {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
    installed.map_err(|error| anyhow!("cannot start logging: {error}"))
}
