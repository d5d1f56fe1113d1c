//! The connection to the lattice.
use anyhow::{Context as _, Result};
use async_nats::Client;

/// Connects to the NATS server at `host:port`.
///
/// # Errors
/// When it does not answer.
pub async fn connect(nats: &str) -> Result<Client> {
    async_nats::ConnectOptions::new()
        .name("ticketing")
        .connect(format!("nats://{nats}"))
        .await
        .with_context(|| format!("cannot connect to NATS at {nats}"))
}
