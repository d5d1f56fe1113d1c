//! Searches for one of a few words. A peer that cannot search answers with its list.
use anyhow::{Context as _, Result};
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::{Crowd, WORDS};
use crate::load::Outcome;

/// Some of them have each of the words.
const ON_SALE: usize = 160;

pub struct Search;

impl Phase for Search {
    const NAME: &'static str = "search";
    const TARGET: f64 = 6.0;
    type Stock = ();

    async fn stock(crowd: &mut Crowd, _: usize) -> Result<()> {
        crowd.put_on_sale(ON_SALE).await.map(drop)
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let word = fastrand::choice(WORDS).context("no words")?;
        let answer = visitor.look(&format!("/api/tickets?q={word}")).await?;
        Ok(Some(Outcome::of(&answer, StatusCode::OK)))
    }
}
