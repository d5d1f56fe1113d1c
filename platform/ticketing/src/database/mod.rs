//! The services' databases: a database and four roles each, the schema by migrations, and who may do what.
mod awake;
mod grants;
mod roles;
mod schema;

use std::path::Path;

use anyhow::{Context as _, Result};
use tokio_postgres::{Client, Config, NoTls};
use url::Url;

use crate::secrets::Secrets;
use crate::services::SERVICES;

/// Brings roles, databases, schemas and grants to this checkout's state; safe to repeat.
///
/// # Errors
/// When the server refuses, a migration fails, or the schema is one of a later version that this one cannot do with; what
/// was applied before stays applied.
pub async fn prepare(admin: &Url, root: &Path, secrets: &Secrets) -> Result<()> {
    let client = awake::connect(admin)
        .await
        .context("cannot connect to the database server")?;
    for service in SERVICES {
        roles::ensure(&client, service, secrets).await?;
        let owner = url(
            admin,
            &service.database(),
            &service.owner(),
            secrets.password(&service.owner()),
        )?;
        let mut client = connect(&owner)
            .await
            .with_context(|| format!("cannot connect to {}", service.database()))?;
        let migrated = schema::migrate(&mut client, root, service).await?;
        for migration in migrated.applied {
            eprintln!("migrated {}: {migration}", service.database());
        }
        for migration in migrated.ahead {
            let database = service.database();
            eprintln!("{database} is ahead of this version, which can do with that: {migration}");
        }
        grants::apply(&client, service).await?;
    }
    Ok(())
}

/// The URL of one role's access to one database of the server.
///
/// # Errors
/// When the parts do not make a URL.
pub fn url(server: &Url, database: &str, role: &str, password: &str) -> Result<Url> {
    let mut url = server.clone();
    url.set_path(database);
    url.set_username(role)
        .ok()
        .context("the database URL takes no user")?;
    url.set_password(Some(password))
        .ok()
        .context("the database URL takes no password")?;
    Ok(url)
}

/// Connects; the connection ends with the client.
///
/// # Errors
/// When the server cannot be reached or refuses.
pub async fn connect(url: &Url) -> Result<Client> {
    let mut config: Config = url.as_str().parse()?;
    config.connect_timeout(std::time::Duration::from_secs(5));
    let (client, connection) = config.connect(NoTls).await?;
    // Its errors reach the client's own calls.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// Whether the server takes connections.
///
/// # Errors
/// Its refusal.
pub async fn ping(url: &Url) -> Result<()> {
    connect(url).await.map(drop)
}
