//! What the rows tell. Each statement names only columns that `database::grants` lets the role read.
use anyhow::{Context as _, Result};
use tokio_postgres::Client;
use url::Url;

use super::families::{Families, Service as Label, Status};
use crate::database;
use crate::services::Service;

/// Measures one service's database.
///
/// # Errors
/// When it cannot be reached, or lacks what is asked for.
pub async fn measure(service: Service, url: &Url, families: &Families) -> Result<()> {
    let client = database::connect(url).await.context("cannot connect")?;
    outbox(&client, service, families).await?;
    match service.name {
        "orders" => orders(&client, families).await,
        "payments" => payments(&client, families).await,
        "expiration" => expiration(&client, families).await,
        _ => Ok(()),
    }
}

async fn outbox(client: &Client, service: Service, families: &Families) -> Result<()> {
    let row = client
        .query_one(include_str!("sql/outbox.sql"), &[])
        .await?;
    let label = Label {
        service: service.name,
    };
    families.outbox_rows.get_or_create(&label).set(row.get(0));
    families.outbox_oldest.get_or_create(&label).set(row.get(1));
    Ok(())
}

async fn orders(client: &Client, families: &Families) -> Result<()> {
    let row = client
        .query_one(include_str!("sql/orders.sql"), &[])
        .await?;
    families.orders_open.set(row.get(0));
    families.orders_overdue.set(row.get(1));
    families.orders_overdue_longest.set(row.get(2));
    Ok(())
}

async fn payments(client: &Client, families: &Families) -> Result<()> {
    for row in client.query(include_str!("sql/payments.sql"), &[]).await? {
        let status = row.get(0);
        families
            .payments
            .get_or_create(&Status { status })
            .set(row.get(1));
    }
    let row = client
        .query_one(include_str!("sql/settlement.sql"), &[])
        .await?;
    families.payments_unsettled_oldest.set(row.get(0));
    families.payments_unanswered.set(row.get(1));
    let row = client
        .query_one(include_str!("sql/webhooks.sql"), &[])
        .await?;
    families.webhooks_waiting.set(row.get(0));
    families.webhooks_oldest.set(row.get(1));
    Ok(())
}

async fn expiration(client: &Client, families: &Families) -> Result<()> {
    let row = client
        .query_one(include_str!("sql/deadlines.sql"), &[])
        .await?;
    families.deadlines_late.set(row.get(0));
    Ok(())
}
