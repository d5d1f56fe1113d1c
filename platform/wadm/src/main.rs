//! wadm, the wasmCloud application deployment manager: the published `wadm` library as a server, with the flags and
//! environment variables of the official binary, for machines where the released one cannot be downloaded.
#![forbid(unsafe_code)]

mod logging;

use anyhow::{Context as _, bail};
use clap::Parser as _;
use tokio::signal::unix::{SignalKind, signal};
use wadm::config::WadmConfig;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let config = WadmConfig::parse();
    logging::init(config.structured_logging)?;
    if config.tracing_enabled || config.tracing_endpoint.is_some() {
        tracing::warn!("this build of wadm exports no traces; its log carries the same spans");
    }

    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;
    let mut server = wadm::start_wadm(config)
        .await
        .context("cannot start wadm")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        // Its tasks run for ever: one that ends has failed, and a supervisor should know.
        ended = server.join_next() => match ended {
            Some(result) => result.context("a wadm task panicked")?.context("wadm failed")?,
            None => bail!("wadm has no task to run"),
        },
    }
    // What it was doing stays on its streams and is taken up at the next start.
    server.shutdown().await;
    Ok(())
}
