//! The cron provider's process: started by a wasmCloud host, ends with it.
//! Everything it does is in the library.
#![forbid(unsafe_code)]

use anyhow::Context as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    provider_kit::exit_with_host().context("the host cannot be watched")?;
    provider_cron::run().await
}
