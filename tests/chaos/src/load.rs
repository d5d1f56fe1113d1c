//! The people: each group is a seller and three buyers who want the same tickets, and who change their minds now and then.
use std::sync::Arc;

use anyhow::{Context as _, Result};
use e2e::Shop;
use e2e::faults::{Determined, Ending};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::PATIENCE;
use crate::report::Report;

const BUYERS: usize = 3;

/// People who are busy until they are told to stop.
pub struct Load {
    stop: watch::Sender<bool>,
    groups: Vec<JoinHandle<()>>,
}

/// What a buyer does with a ticket that they want.
#[derive(Clone, Copy, Debug)]
enum Mood {
    Buys,
    /// With a card that is declined before one that is not.
    BuysWithTheSecondCard,
    /// Cancels what they have ordered, perhaps while paying.
    Regrets,
    /// Orders, and is never seen again.
    Abandons,
}

impl Load {
    /// Sets `groups` groups to work; what they do is drawn from `seed`.
    pub fn start(shop: &Shop, seed: u64, groups: usize, report: &Arc<Report>) -> Self {
        let (stop, stopped) = watch::channel(false);
        let groups = (0..groups).map(|number| {
            let group = Group {
                shop: shop.clone(),
                random: StdRng::seed_from_u64(seed.wrapping_add(1 + number as u64)),
                report: report.clone(),
            };
            tokio::spawn(group.trades(stopped.clone()))
        });
        Self {
            groups: groups.collect(),
            stop,
        }
    }

    /// Whether somebody did not get what they wanted in time, or was told what cannot be.
    pub fn has_given_up(&self) -> bool {
        self.groups.iter().any(JoinHandle::is_finished)
    }

    /// Lets them finish what they are doing.
    ///
    /// # Errors
    /// When somebody had to give up.
    pub async fn stop(self) -> Result<()> {
        self.stop.send_replace(true);
        for group in self.groups {
            group.await.context("somebody had to give up")?;
        }
        Ok(())
    }
}

struct Group {
    shop: Shop,
    random: StdRng,
    report: Arc<Report>,
}

impl Group {
    async fn trades(mut self, stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            // New people for each ticket: nobody's session outlives a long run.
            let mut seller = Determined::signs_up(&self.shop, PATIENCE).await;
            let price = f64::from(self.random.random_range(100..100_000)) / 100.0;
            let ticket = seller.sells("In the storm", price).await;
            let changes = self.random.random_range(0..6);
            let moods: Vec<Mood> = (0..BUYERS).map(|_| self.mood()).collect();
            let buyers = moods.into_iter().map(|mood| {
                let (shop, report, ticket) =
                    (self.shop.clone(), self.report.clone(), ticket.clone());
                async move {
                    let mut buyer = Determined::signs_up(&shop, PATIENCE).await;
                    wants(&mut buyer, &ticket, mood, &report).await;
                    report.retried(buyer.retries());
                }
            });
            futures::join!(
                futures::future::join_all(buyers),
                changes_mind(&seller, &ticket, changes)
            );
            self.report.retried(seller.retries());
        }
    }

    fn mood(&mut self) -> Mood {
        match self.random.random_range(0..10) {
            0 => Mood::Regrets,
            1 => Mood::Abandons,
            2 | 3 => Mood::BuysWithTheSecondCard,
            _ => Mood::Buys,
        }
    }
}

/// One seller in six changes the price, and one withdraws the ticket; both are refused once it is reserved.
async fn changes_mind(seller: &Determined, ticket: &Value, draw: u32) {
    let path = format!("/api/tickets/{}", id(ticket));
    let seller = &seller.person;
    match draw {
        0 => {
            let dearer = json!({ "title": "In the storm, dearer", "price": 1000 });
            seller
                .try_ask(seller.request(Method::PUT, &path).json(&dearer))
                .await;
        }
        1 => {
            seller.try_ask(seller.request(Method::DELETE, &path)).await;
        }
        _ => {}
    }
}

async fn wants(buyer: &mut Determined, ticket: &Value, mood: Mood, report: &Report) {
    match mood {
        Mood::Buys => {}
        Mood::BuysWithTheSecondCard => {
            let Some(order) = buyer.orders(ticket).await else {
                return report.missed();
            };
            let declined = json!({ "orderId": order["id"], "token": "tok_chargeDeclined" });
            buyer.person.try_post("/api/payments", &declined).await;
        }
        Mood::Regrets => {
            let Some(order) = buyer.orders(ticket).await else {
                return report.missed();
            };
            let payment = json!({ "orderId": order["id"], "token": "pm_card_visa" });
            let path = format!("/api/orders/{}", id(&order));
            let cancel = buyer.person.request(Method::DELETE, &path);
            futures::join!(
                buyer.person.try_post("/api/payments", &payment),
                buyer.person.try_ask(cancel)
            );
            return report.cancelled();
        }
        Mood::Abandons => {
            buyer.orders(ticket).await;
            return report.abandoned();
        }
    }
    match buyer.buys(ticket, "pm_card_visa").await {
        Ending::Bought => report.bought(),
        Ending::Gone => report.missed(),
    }
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap_or_default()
}
