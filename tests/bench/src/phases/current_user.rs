//! Who am I? Answered from the session alone.
use anyhow::Result;
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

pub struct CurrentUser;

impl Phase for CurrentUser {
    const NAME: &'static str = "current-user";
    const TARGET: f64 = 2.0;
    type Stock = ();

    async fn stock(_: &mut Crowd, _: usize) -> Result<()> {
        Ok(())
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let answer = visitor.get("/api/users/currentuser").await?;
        Ok(Some(Outcome::of(&answer, StatusCode::OK)))
    }
}
