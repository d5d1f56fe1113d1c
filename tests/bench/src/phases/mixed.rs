//! A sale is on: nine of ten look at the list or at a ticket, one in ten orders or pays.
use anyhow::{Context as _, Result};
use http::StatusCode;

use super::{Phase, Shelf};
use crate::client::Visitor;
use crate::crowd::Crowd;
use crate::load::Outcome;

/// How many tickets people look at.
const KNOWN: usize = 200;

pub struct Mixed;

pub struct Sale {
    looked_at: Vec<String>,
    free: Shelf,
}

impl Phase for Mixed {
    const NAME: &'static str = "mixed";
    const TARGET: f64 = 4.0;
    type Stock = Sale;

    async fn stock(crowd: &mut Crowd, actions: usize) -> Result<Sale> {
        crowd.forget_orders();
        // One in twenty orders; some more, for chance.
        let mut tickets = crowd.put_on_sale(KNOWN + actions / 15).await?;
        Ok(Sale {
            free: Shelf::of(tickets.split_off(KNOWN)),
            looked_at: tickets,
        })
    }

    async fn act(visitor: &mut Visitor, sale: &Sale) -> Result<Option<Outcome>> {
        match fastrand::u8(..20) {
            0..9 => {
                let answer = visitor.get("/api/tickets").await?;
                Ok(Some(Outcome::of(&answer, StatusCode::OK)))
            }
            9..18 => {
                let ticket = fastrand::choice(&sale.looked_at).context("no tickets")?;
                let answer = visitor.get(&format!("/api/tickets/{ticket}")).await?;
                Ok(Some(Outcome::of(&answer, StatusCode::OK)))
            }
            _ => match visitor.unpaid.pop() {
                Some(order) => pay(visitor, order).await.map(Some),
                None => order(visitor, sale).await,
            },
        }
    }

    async fn settle(crowd: &mut Crowd, _: &Sale) -> Result<()> {
        crowd.see_orders_complete().await
    }
}

async fn order(visitor: &mut Visitor, sale: &Sale) -> Result<Option<Outcome>> {
    let Some(ticket) = sale.free.take() else {
        return Ok(None);
    };
    let answer = visitor.order_once_known(&ticket).await?;
    let outcome = Outcome::of(&answer, StatusCode::CREATED);
    if outcome.error.is_none() {
        visitor.unpaid.push(answer.id(StatusCode::CREATED)?);
    }
    Ok(Some(outcome))
}

async fn pay(visitor: &mut Visitor, order: String) -> Result<Outcome> {
    let answer = visitor.pay_once_known(&order).await?;
    let outcome = Outcome::of(&answer, StatusCode::CREATED);
    if outcome.error.is_none() {
        visitor.paid = Some(order);
    }
    Ok(outcome)
}
