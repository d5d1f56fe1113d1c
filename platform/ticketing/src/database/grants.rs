//! Who may do what in a service's database, set after its migrations so that new tables are covered.
use anyhow::{Context as _, Result};
use tokio_postgres::Client;

use crate::services::Service;

/// Grants the component's role all rows of all tables, and the relay's role reading and deleting in the outbox.
///
/// # Errors
/// When the server refuses.
pub async fn apply(client: &Client, service: Service) -> Result<()> {
    let (app, relay) = (service.app(), service.relay());
    let mut statements = format!(
        "grant usage on schema public to {app}, {relay};
         grant select, insert, update, delete on all tables in schema public to {app};
         grant usage, select on all sequences in schema public to {app};"
    );
    for (table, statement) in [
        // What was migrated is the owner's to say.
        (
            "refinery_schema_history",
            format!("revoke all on refinery_schema_history from {app};"),
        ),
        (
            "outbox",
            format!("grant select, delete on outbox to {relay};"),
        ),
    ] {
        let exists = client
            .query_one(
                "select to_regclass($1) is not null",
                &[&format!("public.{table}")],
            )
            .await?
            .get::<_, bool>(0);
        if exists {
            statements.push_str(&statement);
        }
    }
    client
        .batch_execute(&statements)
        .await
        .with_context(|| format!("cannot set rights in {}", service.database()))
}
