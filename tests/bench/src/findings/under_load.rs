//! From a 2xx to the effect of its event in another service, while as many order as the system can bear twice over.
use std::cell::RefCell;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures::future::try_join_all;
use http::StatusCode;
use tokio::time::sleep_until;

use super::{Aim, Finding, delays};
use crate::client::Visitor;
use crate::contest::{Plan, compare, median};
use crate::phases::Order;
use crate::system::System;

/// How much of the highest rate is asked for.
const SHARE: f64 = 0.5;
/// Every so many orders one is watched. To watch costs requests.
const WATCHED: usize = 8;
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(10);
/// What the 99th percentile may be, in milliseconds.
const MOST_MS: f64 = 250.0;

/// Finds out the highest rate of orders, then orders at half of it and watches tickets until they show it.
///
/// # Errors
/// When an order fails, or its effect does not come.
pub async fn measure(shop: &mut System, plan: Plan) -> Result<Vec<Finding>> {
    let highest = compare::<Order>(shop, None, plan).await?.shop;
    let rates: Vec<f64> = highest.iter().map(|score| score.per_second).collect();
    let rate = median(&rates).context("no round")? * SHARE;
    ensure!(rate > 0.0, "nothing can be ordered");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number of orders"
    )]
    let orders = (rate * plan.duration.as_secs_f64()).ceil() as usize;
    shop.crowd.refresh().await?;
    let tickets = shop.crowd.put_on_sale(orders).await?;
    let people = shop.crowd.visitors.len();
    let begin = Instant::now();
    let delays_of = RefCell::new(Vec::new());
    let ordering = shop.crowd.visitors.iter_mut().enumerate();
    let ordering = ordering.map(async |(place, visitor)| {
        for (number, ticket) in tickets.iter().enumerate().skip(place).step_by(people) {
            #[expect(clippy::cast_precision_loss, reason = "thousands at most")]
            let due = begin + Duration::from_secs_f64(number as f64 / rate);
            sleep_until(due.into()).await;
            let is_watched = (number / people).is_multiple_of(WATCHED);
            if let Some(took) = order(visitor, ticket, is_watched).await? {
                delays_of.borrow_mut().push(took.as_secs_f64() * 1000.0);
            }
        }
        Ok::<_, anyhow::Error>(())
    });
    try_join_all(ordering).await?;
    let took = begin.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "thousands at most")]
    let reached = orders as f64 / took;
    let mut found = vec![
        Finding::new("orders at half of the highest rate", reached, "/s")
            .aim(Aim::AtLeast((rate * 0.9).floor())),
    ];
    found.extend(delays(
        "ordered at that rate, until the ticket shows it",
        delays_of.into_inner(),
        Some(Aim::AtMost(MOST_MS)),
    ));
    Ok(found)
}

async fn order(visitor: &mut Visitor, ticket: &str, is_watched: bool) -> Result<Option<Duration>> {
    let answer = visitor.order_once_known(ticket).await?;
    answer.id(StatusCode::CREATED).context("ordering")?;
    if !is_watched {
        return Ok(None);
    }
    let path = format!("/api/tickets/{ticket}");
    let reserved = |ticket: &serde_json::Value| ticket["orderId"].is_string();
    visitor
        .watch(&path, LOOK_AGAIN_AFTER, reserved)
        .await
        .map(Some)
}
