//! From a 2xx to the effect of its event in another service, one at a time on an otherwise idle system.
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::Endpoints;
use http::StatusCode;

use super::{Finding, delays};
use crate::client::Visitor;
use crate::system::authority;

const PURCHASES: usize = 100;
/// One who waits may look often: nobody else wants anything.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(3);

/// Watches tickets and orders while tickets are bought. What is seen is a few milliseconds late: the time that a look
/// takes, and the time between two.
///
/// # Errors
/// When a purchase fails.
pub async fn measure(endpoints: &Endpoints) -> Result<Vec<Finding>> {
    let authority = authority(&endpoints.http)?;
    let mut buyer = Visitor::new(&authority)?;
    buyer.sign_up().await?;
    let (mut reserved, mut completed) = (Vec::new(), Vec::new());
    for _ in 0..PURCHASES {
        let ticket = buyer
            .sell("Seen from afar")
            .await?
            .id(StatusCode::CREATED)?;
        let order = buyer
            .order_once_known(&ticket)
            .await?
            .id(StatusCode::CREATED)?;
        let took = buyer
            .watch(
                &format!("/api/tickets/{ticket}"),
                LOOK_AGAIN_AFTER,
                |ticket| ticket["orderId"].is_string(),
            )
            .await?;
        reserved.push(took.as_secs_f64() * 1000.0);
        let paid = buyer.pay_once_known(&order).await?;
        paid.id(StatusCode::CREATED).context("paying")?;
        let took = buyer
            .watch(&format!("/api/orders/{order}"), LOOK_AGAIN_AFTER, |order| {
                order["status"] == "complete"
            })
            .await?;
        completed.push(took.as_secs_f64() * 1000.0);
    }
    let mut found = delays("ordered, until the ticket shows it", reserved, None);
    found.extend(delays("paid, until the order is complete", completed, None));
    Ok(found)
}
