//! The whole of it: a ticket is put on sale, ordered and paid for.
use std::time::Duration;

use anyhow::Result;
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::{Crowd, title};
use crate::load::Outcome;

pub struct Purchase;

impl Phase for Purchase {
    const NAME: &'static str = "purchase";
    const TARGET: f64 = 2.0;
    type Stock = ();

    async fn stock(crowd: &mut Crowd, _: usize) -> Result<()> {
        crowd.forget_orders();
        Ok(())
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let mut whole = Steps::default();
        let answer = visitor.sell(&title(fastrand::usize(..10_000))).await?;
        if let Err(failed) = whole.add(Outcome::of(&answer, StatusCode::CREATED)) {
            return Ok(Some(failed));
        }
        let ticket = answer.id(StatusCode::CREATED)?;
        let answer = visitor.order_once_known(&ticket).await?;
        if let Err(failed) = whole.add(Outcome::of(&answer, StatusCode::CREATED)) {
            return Ok(Some(failed));
        }
        let order = answer.id(StatusCode::CREATED)?;
        let answer = visitor.pay_once_known(&order).await?;
        if let Err(failed) = whole.add(Outcome::of(&answer, StatusCode::CREATED)) {
            return Ok(Some(failed));
        }
        visitor.paid = Some(order);
        Ok(Some(Outcome {
            latency: whole.0,
            error: None,
        }))
    }

    async fn settle(crowd: &mut Crowd, (): &()) -> Result<()> {
        crowd.see_orders_complete().await
    }
}

/// The latency of the steps so far.
#[derive(Default)]
struct Steps(Duration);

impl Steps {
    /// Adds a step, unless it failed: then all of it has.
    fn add(&mut self, step: Outcome) -> Result<(), Outcome> {
        self.0 += step.latency;
        if step.error.is_some() {
            return Err(step);
        }
        Ok(())
    }
}
