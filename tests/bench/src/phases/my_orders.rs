//! Each visitor's own orders.
use anyhow::Result;
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

/// How many each visitor has at least.
const ORDERS: usize = 10;

pub struct MyOrders;

impl Phase for MyOrders {
    const NAME: &'static str = "my-orders";
    const TARGET: f64 = 2.0;
    type Stock = ();

    async fn stock(crowd: &mut Crowd, _: usize) -> Result<()> {
        let answer = crowd.anyone()?.get("/api/orders").await?;
        let have = answer.json(StatusCode::OK)?;
        let have = have.as_array().map_or(0, Vec::len);
        let people = crowd.visitors.len();
        let tickets = crowd
            .put_on_sale(people * ORDERS.saturating_sub(have))
            .await?;
        crowd.order_all(&tickets).await
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let answer = visitor.get("/api/orders").await?;
        Ok(Some(Outcome::of(&answer, StatusCode::OK)))
    }
}
