//! The least that a service does for anybody: one routed request, one session, one statement, nothing found.
use anyhow::Result;
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

/// A cursor is a sequence number in base64url: no order comes before the first one.
const BEFORE_THE_FIRST: &str = "/api/orders?cursor=AAAAAAAAAAE";

pub struct Floor;

impl Phase for Floor {
    const NAME: &'static str = "floor";
    const TARGET: f64 = 1.0;
    type Stock = ();

    async fn stock(crowd: &mut Crowd, _: usize) -> Result<()> {
        let orders = crowd.anyone()?.get(BEFORE_THE_FIRST).await?;
        let orders = orders.json(StatusCode::OK)?;
        anyhow::ensure!(orders.as_array().is_some_and(Vec::is_empty), "{orders}");
        Ok(())
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let answer = visitor.get(BEFORE_THE_FIRST).await?;
        Ok(Some(Outcome::of(&answer, StatusCode::OK)))
    }
}
