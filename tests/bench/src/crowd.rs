//! The visitors of one system, as many as there are connections, and what they do while no clock runs.
use std::cell::RefCell;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::future::try_join_all;
use http::StatusCode;
use serde_json::Value;

use crate::client::{LOOK_AGAIN_AFTER, Visitor};

/// A session lasts 15 minutes; nobody begins a turn with one that may end in it.
const SESSION_FOR: Duration = Duration::from_secs(8 * 60);

/// Words that titles are made of, and that visitors search for.
pub const WORDS: [&str; 16] = [
    "Aurora",
    "Ballad",
    "Cadenza",
    "Drums",
    "Encore",
    "Fanfare",
    "Gospel",
    "Harmony",
    "Intermezzo",
    "Jubilee",
    "Kantate",
    "Lullaby",
    "Madrigal",
    "Nocturne",
    "Overture",
    "Prelude",
];

pub struct Crowd {
    pub visitors: Vec<Visitor>,
    signed_in: Instant,
}

impl Crowd {
    /// Signs up `size` visitors at `authority`.
    ///
    /// # Errors
    /// When one of them cannot.
    pub async fn gather(authority: &str, size: usize) -> Result<Self> {
        let mut visitors = (0..size)
            .map(|_| Visitor::new(authority))
            .collect::<Result<Vec<_>>>()?;
        try_join_all(visitors.iter_mut().map(Visitor::sign_up))
            .await
            .with_context(|| format!("signing {size} visitors up at {authority}"))?;
        Ok(Self {
            visitors,
            signed_in: Instant::now(),
        })
    }

    /// Signs everybody in again, when it is time.
    ///
    /// # Errors
    /// When one of them cannot.
    pub async fn refresh(&mut self) -> Result<()> {
        if self.signed_in.elapsed() > SESSION_FOR {
            try_join_all(self.visitors.iter_mut().map(Visitor::renew)).await?;
            self.signed_in = Instant::now();
        }
        Ok(())
    }

    pub fn anyone(&mut self) -> Result<&mut Visitor> {
        self.visitors.first_mut().context("nobody is there")
    }

    /// Puts `count` tickets on sale, and waits until they can be ordered: the last one is.
    ///
    /// # Errors
    /// When one cannot be sold.
    pub async fn put_on_sale(&mut self, count: usize) -> Result<Vec<String>> {
        let left = RefCell::new(0..count);
        let selling = self.visitors.iter_mut().map(async |visitor| {
            let mut sold = Vec::new();
            loop {
                let Some(number) = left.borrow_mut().next() else {
                    return Ok::<_, anyhow::Error>(sold);
                };
                sold.push(sell(visitor, &title(number)).await?);
            }
        });
        let sold = try_join_all(selling).await?.concat();
        let visitor = self.anyone()?;
        let last = sell(visitor, "The last one").await?;
        let answer = visitor.order_once_known(&last).await?;
        answer
            .id(StatusCode::CREATED)
            .context("ordering a ticket")?;
        Ok(sold)
    }

    /// Lets everybody order as many of `tickets` as the others, and waits until the last order can be paid. Everybody
    /// has their orders among the unpaid ones.
    ///
    /// # Errors
    /// When one cannot be ordered.
    pub async fn order_all(&mut self, tickets: &[String]) -> Result<()> {
        let people = self.visitors.len();
        let ordering = self.visitors.iter_mut().enumerate();
        let ordering = ordering.map(async |(place, visitor)| {
            for ticket in tickets.iter().skip(place).step_by(people) {
                if let Some(order) = order(visitor, ticket).await? {
                    visitor.unpaid.push(order);
                }
            }
            Ok::<_, anyhow::Error>(())
        });
        try_join_all(ordering).await?;
        let visitor = self.anyone()?;
        let ticket = sell(visitor, "The last one").await?;
        if let Some(last) = order(visitor, &ticket).await? {
            let answer = visitor.pay_once_known(&last).await?;
            answer.id(StatusCode::CREATED).context("paying an order")?;
        }
        Ok(())
    }

    /// Leaves orders of before alone: they may have run out.
    pub fn forget_orders(&mut self) {
        for visitor in &mut self.visitors {
            visitor.unpaid.clear();
            visitor.paid = None;
        }
    }

    /// Waits until the order that each visitor paid last is complete.
    ///
    /// # Errors
    /// When one is not in time.
    pub async fn see_orders_complete(&mut self) -> Result<()> {
        let watching = self.visitors.iter_mut().map(async |visitor| {
            let Some(order) = visitor.paid.take() else {
                return Ok(());
            };
            let complete = |order: &Value| order["status"] == "complete";
            let path = format!("/api/orders/{order}");
            visitor
                .watch(&path, LOOK_AGAIN_AFTER, complete)
                .await
                .map(drop)
        });
        try_join_all(watching).await.map(drop)
    }
}

/// A title that some searches find.
pub fn title(number: usize) -> String {
    format!("{} {number}", WORDS[number % WORDS.len()])
}

/// Sells a ticket and gives its id.
pub async fn sell(visitor: &mut Visitor, title: &str) -> Result<String> {
    let mut answer = visitor.sell(title).await?;
    // The ticket of an answer that was lost stays on sale; nobody here knows it.
    if answer.status.is_server_error() {
        answer = visitor.sell(title).await?;
    }
    answer.id(StatusCode::CREATED).context("selling a ticket")
}

/// Orders a ticket and gives the order's id; `None` when the answer was lost, and with it perhaps the ticket.
async fn order(visitor: &mut Visitor, ticket: &str) -> Result<Option<String>> {
    let answer = visitor.order_once_known(ticket).await?;
    if answer.status.is_server_error() {
        return Ok(None);
    }
    let id = answer
        .id(StatusCode::CREATED)
        .context("ordering a ticket")?;
    Ok(Some(id))
}
