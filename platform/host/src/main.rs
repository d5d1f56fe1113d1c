//! A wasmCloud host: the published `wasmcloud-host` library behind the flags and environment variables of the
//! official `wasmcloud` binary, for machines where the released one cannot be downloaded.
#![forbid(unsafe_code)]

use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use host::{Args, host_config, observability};
use tikv_jemallocator::Jemalloc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, timeout_at};
use wasmcloud_host::wasmbus::Host;

/// An instance is linked, called and dropped for each request, from one of many threads: that is thousands of small
/// allocations, which the C library's allocator gives back and takes again.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// How long providers and components get to finish after a signal.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// How long what is still running gets to be dropped once the host has stopped, or has run out of time. The process ends
/// then, whatever does not let go: nobody could start another host in its place.
const LETTING_GO: Duration = Duration::from_secs(2);

/// Worker threads, however few cores there are, unless `TOKIO_WORKER_THREADS` says so. A component computes on the worker
/// that polls it, so two busy ones would hold up two cores' worth of workers. With threads to spare the operating system
/// shares the cores out instead.
const WORKER_THREADS: usize = 32;

fn main() -> anyhow::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if std::env::var_os("TOKIO_WORKER_THREADS").is_none() {
        runtime.worker_threads(WORKER_THREADS);
    }
    let runtime = runtime
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let ended = runtime.block_on(run(Args::parse()));
    runtime.shutdown_timeout(LETTING_GO);
    ended
}

async fn run(args: Args) -> anyhow::Result<()> {
    let otel = observability::otel_config(&args.observability, args.tls_ca_paths.as_deref())?;
    let _flush = observability::init(&args.observability, &otel);

    let config = host_config(args, otel).await?;
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
    timeout_at(
        deadline.unwrap_or_else(|| Instant::now() + SHUTDOWN),
        shutdown,
    )
    .await
    .context("the host did not stop in time")?
    .context("the host did not stop cleanly")
}
