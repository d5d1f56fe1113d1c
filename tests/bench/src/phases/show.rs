//! One ticket, of a few hundred that people talk about.
use anyhow::{Context as _, Result};
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

/// How many tickets people look at.
const KNOWN: usize = 200;

pub struct Show;

impl Phase for Show {
    const NAME: &'static str = "show";
    const TARGET: f64 = 6.0;
    type Stock = Vec<String>;

    async fn stock(crowd: &mut Crowd, _: usize) -> Result<Vec<String>> {
        crowd.put_on_sale(KNOWN).await
    }

    async fn act(visitor: &mut Visitor, tickets: &Vec<String>) -> Result<Option<Outcome>> {
        let ticket = fastrand::choice(tickets).context("no tickets")?;
        let answer = visitor.look(&format!("/api/tickets/{ticket}")).await?;
        Ok(Some(Outcome::of(&answer, StatusCode::OK)))
    }
}
