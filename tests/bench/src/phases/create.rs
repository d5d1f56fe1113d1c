//! Tickets are put on sale.
use anyhow::Result;
use http::StatusCode;

use super::{Phase, Shelf};
use crate::client::Visitor;
use crate::crowd::{Crowd, title};
use crate::load::Outcome;

pub struct Create;

impl Phase for Create {
    const NAME: &'static str = "create";
    const TARGET: f64 = 2.0;
    /// The ticket that was sold last.
    type Stock = Shelf;

    async fn stock(_: &mut Crowd, _: usize) -> Result<Shelf> {
        Ok(Shelf::default())
    }

    async fn act(visitor: &mut Visitor, sold: &Shelf) -> Result<Option<Outcome>> {
        let answer = visitor.sell(&title(fastrand::usize(..10_000))).await?;
        let outcome = Outcome::of(&answer, StatusCode::CREATED);
        if outcome.error.is_none() {
            sold.take();
            sold.put(answer.id(StatusCode::CREATED)?);
        }
        Ok(Some(outcome))
    }

    /// Orders the last one: orders must have heard of it.
    async fn settle(crowd: &mut Crowd, sold: &Shelf) -> Result<()> {
        if let Some(ticket) = sold.newest() {
            crowd.anyone()?.order_once_known(&ticket).await?;
        }
        Ok(())
    }
}
