//! New accounts. Most of the time is the password's hash, on either side.
use anyhow::Result;
use http::StatusCode;

use super::Phase;
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

pub struct SignUp;

impl Phase for SignUp {
    const NAME: &'static str = "sign-up";
    const TARGET: f64 = 1.0;
    type Stock = ();

    async fn stock(_: &mut Crowd, _: usize) -> Result<()> {
        Ok(())
    }

    async fn act(visitor: &mut Visitor, (): &()) -> Result<Option<Outcome>> {
        let answer = visitor.sign_up_another().await?;
        Ok(Some(Outcome::of(&answer, StatusCode::CREATED)))
    }
}
