//! What is on sale: the first page, as anybody sees it.
use anyhow::Result;
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

/// More than fit on a page.
const ON_SALE: usize = 60;

pub struct List;

impl Phase for List {
    const NAME: &'static str = "list";
    const TARGET: f64 = 6.0;
    type Stock = ();

    async fn stock(crowd: &mut Crowd, _: usize) -> Result<()> {
        crowd.put_on_sale(ON_SALE).await.map(drop)
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let answer = visitor.look("/api/tickets").await?;
        Ok(Some(Outcome::of(&answer, StatusCode::OK)))
    }
}
