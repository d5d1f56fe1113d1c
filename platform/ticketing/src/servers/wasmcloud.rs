//! The wasmCloud parts: hosts, which run components and providers, and wadm, which tells them what to run.
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use super::beside;
use crate::lattice::{LATTICE, backend};
use crate::process::Program;

/// Between two heartbeats of a host, in seconds: wadm looks again at what failed at each of them.
const HEARTBEAT: u64 = 5;

/// The host's own HTTP server and client, which the manifest names.
pub const FEATURES: (&str, &str) = (
    "WASMCLOUD_EXPERIMENTAL_FEATURES",
    "builtin-http-server,builtin-http-client",
);
/// A request that takes longer has lost its client.
pub const MAX_EXECUTION_TIME: (&str, &str) = ("WASMCLOUD_MAX_EXECUTION_TIME_MS", "30000");
/// Longer than a statement may take, so that the database's own error arrives.
pub const RPC_TIMEOUT: (&str, &str) = ("WASMCLOUD_RPC_TIMEOUT_MS", "10000");

/// Where hosts ask for secrets.
pub const SECRETS_TOPIC: (&str, &str) = ("WASMCLOUD_SECRETS_TOPIC", backend::TOPIC);

/// What an operator says about telemetry; a host and its providers are told.
const TELEMETRY: [&str; 7] = [
    "WASMCLOUD_OBSERVABILITY_ENABLED",
    "WASMCLOUD_OBSERVABILITY_PROTOCOL",
    "WASMCLOUD_TRACES_ENABLED",
    "WASMCLOUD_METRICS_ENABLED",
    "WASMCLOUD_LOGS_ENABLED",
    "WASMCLOUD_STRUCTURED_LOGGING_ENABLED",
    "WASMCLOUD_TRACE_LEVEL",
];

/// One host, which unpacks its providers in the folder `temporary`. Providers inherit nothing of its environment but `RUST_LOG` and `OTEL_*`.
///
/// # Errors
/// When it has not been built.
pub fn host(number: usize, temporary: &Path, nats: &str, seed: &str) -> Result<Program> {
    let (host, port) = nats.rsplit_once(':').unwrap_or((nats, "4222"));
    let mut program = Program::new(&host_name(number), beside("wasmcloud_host")?);
    for name in TELEMETRY {
        if let Some(value) = std::env::var_os(name) {
            program = program.env(name, value);
        }
    }
    Ok(program
        .env("WASMCLOUD_LATTICE", LATTICE)
        .env("WASMCLOUD_HOST_SEED", seed)
        .env("WASMCLOUD_NATS_HOST", host)
        .env("WASMCLOUD_NATS_PORT", port)
        .env("WASMCLOUD_ALLOW_FILE_LOAD", "true")
        .env(FEATURES.0, FEATURES.1)
        .env("WASMCLOUD_HEARTBEAT_INTERVAL", HEARTBEAT.to_string())
        .env(MAX_EXECUTION_TIME.0, MAX_EXECUTION_TIME.1)
        .env(RPC_TIMEOUT.0, RPC_TIMEOUT.1)
        .env(SECRETS_TOPIC.0, SECRETS_TOPIC.1)
        .env("WASMCLOUD_PROV_SHUTDOWN_DELAY_MS", "2000")
        .env("TMPDIR", temporary)
        .stopped_by(Signal::TERM, Duration::from_secs(12)))
}

pub fn host_name(number: usize) -> String {
    format!("host-{}", number + 1)
}

/// The deployment manager.
///
/// # Errors
/// When it has not been built.
pub fn wadm(nats: &str) -> Result<Program> {
    Ok(Program::new("wadm", beside("wadm")?)
        .env("WADM_NATS_SERVER", nats)
        // A host is given up after this time without a heartbeat, in seconds.
        .env("WADM_CLEANUP_INTERVAL", (4 * HEARTBEAT).to_string())
        .stopped_by(Signal::TERM, Duration::from_secs(3)))
}
