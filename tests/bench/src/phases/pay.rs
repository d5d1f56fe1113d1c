//! Orders are paid, each once and by its buyer.
use anyhow::Result;
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

pub struct Pay;

impl Phase for Pay {
    const NAME: &'static str = "pay";
    const TARGET: f64 = 2.0;
    type Stock = ();

    async fn stock(crowd: &mut Crowd, actions: usize) -> Result<()> {
        crowd.forget_orders();
        let tickets = crowd.put_on_sale(actions).await?;
        crowd.order_all(&tickets).await
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let Some(order) = visitor.unpaid.pop() else {
            return Ok(None);
        };
        let answer = visitor.pay_once_known(&order).await?;
        let outcome = Outcome::of(&answer, StatusCode::CREATED);
        if outcome.error.is_none() {
            visitor.paid = Some(order);
        }
        Ok(Some(outcome))
    }

    async fn settle(crowd: &mut Crowd, (): &()) -> Result<()> {
        crowd.see_orders_complete().await
    }
}
