//! A service's database, as its administrator: to fill it with more rows than requests could, and to count.
use anyhow::{Context as _, Result};
use e2e::Endpoints;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls};
use url::Url;

pub struct Database(Client);

impl Database {
    /// Opens the database of `service`.
    ///
    /// # Errors
    /// When the lattice does not say where it is, or it cannot be reached.
    pub async fn open(endpoints: &Endpoints, service: &str) -> Result<Self> {
        let server = endpoints.postgres.as_deref();
        let mut url =
            Url::parse(server.context("a lattice that does not say where its database is")?)?;
        url.set_path(&format!("ticketing_{service}"));
        let (client, connection) = tokio_postgres::connect(url.as_str(), NoTls)
            .await
            .with_context(|| format!("connecting to the database of {service}"))?;
        // Whoever waits for a statement is told how it ended.
        tokio::spawn(connection);
        Ok(Self(client))
    }

    /// Runs a statement and gives the number of rows it touched.
    ///
    /// # Errors
    /// When it fails.
    pub async fn run(&self, statement: &str, values: &[&(dyn ToSql + Sync)]) -> Result<u64> {
        Ok(self.0.execute(statement, values).await?)
    }

    /// Whether a query that counts, as text, has counted nothing.
    ///
    /// # Errors
    /// When it fails.
    pub async fn counts_none(&self, query: &str) -> Result<bool> {
        let counted = self.texts(query, &[]).await?;
        Ok(counted.first().is_some_and(|count| count == "0"))
    }

    /// The first column of what a query gives, which is text.
    ///
    /// # Errors
    /// When it fails.
    pub async fn texts(&self, query: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<String>> {
        let rows = self.0.query(query, values).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}
