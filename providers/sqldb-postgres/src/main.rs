//! The sqldb-postgres provider's process: lives as long as the host that started it.
//! Everything it does is in the library.
#![forbid(unsafe_code)]

use anyhow::Context as _;
use provider_sqldb_postgres::PostgresProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    provider_kit::exit_with_host().context("cannot watch the host")?;
    PostgresProvider::run()
        .await
        .context("the sqldb-postgres provider failed")
}
