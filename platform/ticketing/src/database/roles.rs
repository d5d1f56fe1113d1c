//! A service's database and its roles: one that owns, one that reads and writes, one that empties the outbox, one that
//! looks how well it goes.
use anyhow::{Context as _, Result};
use tokio_postgres::Client;

use crate::secrets::Secrets;
use crate::services::Service;

/// Makes what is missing and sets the passwords.
///
/// # Errors
/// When the server refuses.
pub async fn ensure(client: &Client, service: Service, secrets: &Secrets) -> Result<()> {
    for role in [
        service.owner(),
        service.app(),
        service.relay(),
        service.metrics(),
    ] {
        let exists = client
            .query_opt("select 1 from pg_roles where rolname = $1", &[&role])
            .await?
            .is_some();
        // Names and passwords are our own, of letters, digits, `_` and `-`; DDL takes no parameters.
        let verb = if exists { "alter" } else { "create" };
        let password = secrets.password(&role);
        client
            .batch_execute(&format!("{verb} role {role} login password '{password}'"))
            .await
            .with_context(|| format!("cannot {verb} role {role}"))?;
    }
    let (database, owner) = (service.database(), service.owner());
    let exists = client
        .query_opt("select 1 from pg_database where datname = $1", &[&database])
        .await?
        .is_some();
    if !exists {
        eprintln!("creating database {database}");
        // An administrator who is no superuser may give a database only to a role that he is a member of.
        client
            .batch_execute(&format!("grant {owner} to current_user"))
            .await?;
        client
            .batch_execute(&format!("create database {database} owner {owner}"))
            .await
            .with_context(|| format!("cannot create database {database}"))?;
    }
    client
        .batch_execute(&format!(
            "revoke all on database {database} from public;
             grant connect on database {database} to {}, {}, {}",
            service.app(),
            service.relay(),
            service.metrics()
        ))
        .await
        .with_context(|| format!("cannot set who may connect to {database}"))
}
