//! Brings the databases to this checkout's schema, as an operator's step before a deployment.
use anyhow::{Context as _, Result};
use url::Url;

use crate::cli::Migrate;
use crate::data::{Data, root};
use crate::endpoints::Endpoints;
use crate::secrets::Secrets;
use crate::{database, settings};

/// Migrates the databases of DATABASE_URL, else those of this checkout's running `up`.
///
/// # Errors
/// When no server is known, or it refuses.
pub async fn run(arguments: &Migrate) -> Result<()> {
    let root = root(&arguments.place)?;
    let data = Data::of(&arguments.place)?;
    let server = match settings::database(arguments.database.database_url.as_deref())? {
        Some(url) => url,
        None => running(&data)?.context("DATABASE_URL is not set and no up is running here")?,
    };
    let secrets = Secrets::open(&data, 0)?;
    database::prepare(&server, &root, &secrets).await?;
    println!("the databases are up to date");
    Ok(())
}

fn running(data: &Data) -> Result<Option<Url>> {
    let Some(endpoints) = Endpoints::running(data)? else {
        return Ok(None);
    };
    Ok(Some(
        Url::parse(&endpoints.postgres).context("endpoints.json is damaged")?,
    ))
}
