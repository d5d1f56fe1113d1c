//! Reading tables: every row as JSON, whatever columns it has.
use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use tokio_postgres::{Client, NoTls};
use url::Url;

/// Connects to the database of `service` on the server `postgres`, as the administrator that the URL names.
/// The connection ends with the client.
///
/// # Errors
/// When the server refuses.
pub async fn connect(postgres: &str, service: &str) -> Result<Client> {
    let mut url = Url::parse(postgres).context("the address of Postgres")?;
    url.set_path(&format!("ticketing_{service}"));
    let mut config: tokio_postgres::Config = url.as_str().parse()?;
    config.connect_timeout(std::time::Duration::from_secs(5));
    let (client, connection) = config
        .connect(NoTls)
        .await
        .with_context(|| format!("connecting to the database of {service}"))?;
    // Its errors reach the client's own calls.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// All rows of `table`.
///
/// # Errors
/// When the table cannot be read, or a row lacks a column that the checker knows.
pub(crate) async fn rows<T: DeserializeOwned>(client: &Client, table: &str) -> Result<Vec<T>> {
    let text = format!("select to_jsonb(t)::text from {table} t");
    let rows = client.query(&text, &[]).await;
    let rows = rows.with_context(|| format!("reading the table {table}"))?;
    let rows = rows.iter().map(|row| {
        let json: &str = row.try_get(0)?;
        serde_json::from_str(json).with_context(|| format!("a row of {table}: {json}"))
    });
    rows.collect()
}
