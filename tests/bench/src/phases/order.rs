//! Tickets are ordered, each once, while every service hears of it.
use anyhow::Result;
use http::StatusCode;

use super::{Phase, Shelf};
use crate::client::{LOOK_AGAIN_AFTER, Visitor};
use crate::crowd::Crowd;
use crate::load::Outcome;

pub struct Order;

pub struct Tickets {
    free: Shelf,
    reserved: Shelf,
}

impl Tickets {
    /// Tickets that orders knows already.
    pub fn known(free: Vec<String>) -> Self {
        Self {
            free: Shelf::of(free),
            reserved: Shelf::default(),
        }
    }
}

impl Phase for Order {
    const NAME: &'static str = "order";
    const TARGET: f64 = 2.0;
    type Stock = Tickets;

    async fn stock(crowd: &mut Crowd, actions: usize) -> Result<Tickets> {
        Ok(Tickets::known(crowd.put_on_sale(actions).await?))
    }

    async fn act(visitor: &mut Visitor, tickets: &Tickets) -> Result<Option<Outcome>> {
        let Some(ticket) = tickets.free.take() else {
            return Ok(None);
        };
        let answer = visitor.order_once_known(&ticket).await?;
        let outcome = Outcome::of(&answer, StatusCode::CREATED);
        if outcome.error.is_none() {
            tickets.reserved.put(ticket);
        }
        Ok(Some(outcome))
    }

    /// Tickets says that the last one is reserved.
    async fn settle(crowd: &mut Crowd, tickets: &Tickets) -> Result<()> {
        if let Some(ticket) = tickets.reserved.newest() {
            let path = format!("/api/tickets/{ticket}");
            let reserved = |ticket: &serde_json::Value| ticket["orderId"].is_string();
            crowd
                .anyone()?
                .watch(&path, LOOK_AGAIN_AFTER, reserved)
                .await?;
        }
        Ok(())
    }
}
