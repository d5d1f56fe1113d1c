//! The keyvalue-nats provider's process: lives as long as the host that started it.
//! Everything it does is in the library.
#![forbid(unsafe_code)]

use anyhow::Context as _;
use provider_keyvalue_nats::KeyValueProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    provider_kit::exit_with_host().context("cannot watch the host")?;
    KeyValueProvider::run()
        .await
        .context("the keyvalue-nats provider failed")
}
