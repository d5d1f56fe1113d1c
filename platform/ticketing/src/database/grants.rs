//! Who may do what in a service's database, set after its migrations so that new tables are covered.
use anyhow::{Context as _, Result};
use tokio_postgres::Client;

use crate::services::Service;

/// The columns that tell how well a service does, by table: times and states, nothing about people.
const MEASURED: [(&str, &str); 5] = [
    ("outbox", "time"),
    ("orders", "id, status, expires_at"),
    ("payments", "order_id, status, updated_at"),
    ("webhook_events", "received_at, handled_at"),
    ("deadlines", "expires_at, closed, announced_at"),
];

/// Grants the component's role all rows of all tables, and the relay's role reading and deleting in the
/// outbox, and the metrics' role what is measured.
///
/// # Errors
/// When the server refuses.
pub async fn apply(client: &Client, service: Service) -> Result<()> {
    let (app, relay, metrics) = (service.app(), service.relay(), service.metrics());
    let mut statements = format!(
        "grant usage on schema public to {app}, {relay}, {metrics};
         grant select, insert, update, delete on all tables in schema public to {app};
         grant usage, select on all sequences in schema public to {app};"
    );
    let measured = MEASURED.map(|(table, columns)| {
        let statement = format!("grant select ({columns}) on {table} to {metrics};");
        (table, statement)
    });
    let others = [
        // What was migrated is the owner's to say.
        (
            "refinery_schema_history",
            format!("revoke all on refinery_schema_history from {app};"),
        ),
        (
            "outbox",
            format!("grant select, delete on outbox to {relay};"),
        ),
    ];
    for (table, statement) in others.into_iter().chain(measured) {
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
