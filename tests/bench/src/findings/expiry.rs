//! How late orders that nobody pays are cancelled: the time of the cancelling event against the order's own.
use anyhow::{Context as _, Result};
use e2e::{Lattice, Shop};
use futures::future::try_join_all;
use http::StatusCode;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Aim, Finding, delays};
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::lattice;
use crate::system::authority;

const BUYERS: usize = 10;
const ORDERS: usize = 200;
/// Enough to order all of them before the first runs out.
const WINDOW_SECONDS: u32 = 8;
/// The contract's promise.
const PROMISE_MS: f64 = 2000.0;

/// Lets orders run out in a lattice where that takes seconds.
///
/// # Errors
/// When the lattice does not start, or an order cannot be made.
pub async fn measure() -> Result<Vec<Finding>> {
    let setup = lattice::setup().with("ORDER_EXPIRATION_SECONDS", WINDOW_SECONDS);
    let mut running = Lattice::start(&setup).await?;
    let found = lateness(&running).await;
    running.stop().await?;
    found
}

async fn lateness(running: &Lattice) -> Result<Vec<Finding>> {
    let endpoints = running.endpoints();
    let shop = Shop::open_under_fire(endpoints).await?;
    let mut crowd = Crowd::gather(&authority(&endpoints.http)?, BUYERS).await?;
    let tickets = crowd.put_on_sale(ORDERS).await?;
    let ordering = crowd.visitors.iter_mut().enumerate();
    let orders = try_join_all(ordering.map(async |(place, visitor)| {
        orders_of(visitor, tickets.iter().skip(place).step_by(BUYERS)).await
    }));
    let mut late = Vec::new();
    for order in orders.await?.concat() {
        let event = shop.events().event("order:cancelled", &order["id"]).await;
        let late_by = instant(&event["time"])? - instant(&order["expiresAt"])?;
        late.push(late_by.as_seconds_f64() * 1000.0);
    }
    let latest = late.iter().copied().fold(f64::MIN, f64::max);
    let mut found = delays("expired, until cancelled", late, None);
    found.push(
        Finding::new("expired, until cancelled, latest", latest, "ms").aim(Aim::AtMost(PROMISE_MS)),
    );
    Ok(found)
}

async fn orders_of(
    visitor: &mut Visitor,
    tickets: impl Iterator<Item = &String>,
) -> Result<Vec<Value>> {
    let mut orders = Vec::new();
    for ticket in tickets {
        let answer = visitor.order_once_known(ticket).await?;
        orders.push(answer.json(StatusCode::CREATED)?);
    }
    Ok(orders)
}

fn instant(text: &Value) -> Result<OffsetDateTime> {
    let text = text.as_str().context("no time")?;
    OffsetDateTime::parse(text, &Rfc3339).with_context(|| format!("not a time: {text}"))
}
