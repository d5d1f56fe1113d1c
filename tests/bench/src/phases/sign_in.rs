//! Everybody signs in to their own account, over and over.
use anyhow::Result;
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

pub struct SignIn;

impl Phase for SignIn {
    const NAME: &'static str = "sign-in";
    const TARGET: f64 = 1.0;
    type Stock = ();

    async fn stock(_: &mut Crowd, _: usize) -> Result<()> {
        Ok(())
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let answer = visitor.sign_in().await?;
        Ok(Some(Outcome::of(&answer, StatusCode::OK)))
    }
}
