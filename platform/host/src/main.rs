//! A wasmCloud host: the published `wasmcloud-host` library behind the flags and environment variables of the
//! official `wasmcloud` binary, for machines where the released one cannot be downloaded.
#![forbid(unsafe_code)]

mod args;
mod config;
mod credentials;
mod labels;
mod observability;
mod subject;

use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, timeout_at};
use wasmcloud_host::wasmbus::Host;

/// How long providers and components get to finish after a signal.
const SHUTDOWN: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let args = args::Args::parse();
    let otel = observability::otel_config(&args.observability, args.tls_ca_paths.as_deref())?;
    let _flush = observability::init(&args.observability, &otel);

    let config = config::host_config(args, otel).await?;
    // The future is too large for the stack of a worker thread.
    let (host, shutdown) = Box::pin(Host::new(config))
        .await
        .context("cannot start the host")?;

    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let deadline = tokio::select! {
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
        // A stop command over the lattice carries its own deadline.
        deadline = host.stopped() => deadline?,
    };
    drop(host);
    timeout_at(deadline.unwrap_or_else(|| Instant::now() + SHUTDOWN), shutdown)
        .await
        .context("the host did not stop in time")?
        .context("the host did not stop cleanly")
}
