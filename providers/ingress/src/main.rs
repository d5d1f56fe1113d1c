//! The ingress capability provider's process: started by a wasmCloud host, which speaks to it over NATS.
//! It ends when the host says so, when it is told to by a signal, or when the host is gone.
#![forbid(unsafe_code)]

use anyhow::Context as _;
use provider_ingress::IngressProvider;
use tokio::signal::unix::{SignalKind, signal};
use wasmcloud_provider_sdk::{get_connection, initialize_observability, run_provider};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    provider_kit::exit_with_host().context("cannot watch the host")?;
    initialize_observability!("ingress", None::<std::path::PathBuf>);

    let mut terminate = signal(SignalKind::terminate()).context("cannot handle SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot handle SIGINT")?;
    let ingress = IngressProvider::default();
    let host_says_so = run_provider(ingress.clone(), "ingress")
        .await
        .context("cannot start the ingress provider")?;
    ingress.join_lattice(get_connection());

    tokio::select! {
        () = host_says_so => {}
        _ = terminate.recv() => ingress.stop().await,
        _ = interrupt.recv() => ingress.stop().await,
    }
    Ok(())
}
