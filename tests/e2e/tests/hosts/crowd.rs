//! The load: pairs of a seller and a buyer who trade one ticket after the other, and people who look at what is on sale. They ask
//! again when something fails, as people do; what failed is in the journal.
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use e2e::faults::{Determined, Ending};
use e2e::{Shop, eventually};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Longer than any recovery takes.
const PATIENCE: Duration = Duration::from_secs(600);

/// People who are busy until they are told to stop.
pub struct Crowd {
    stop: watch::Sender<bool>,
    purchases: Arc<AtomicU32>,
    people: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// Sets `pairs` pairs to work, with as many people who look on, and returns when each pair is in business.
    pub async fn gathers(shop: &Shop, pairs: u32) -> Self {
        let (stop, stopped) = watch::channel(false);
        let purchases = Arc::new(AtomicU32::new(0));
        let mut people = Vec::new();
        for _ in 0..pairs {
            let pair = trades(shop.clone(), Arc::clone(&purchases), stopped.clone());
            people.push(tokio::spawn(pair));
            people.push(tokio::spawn(looks(shop.clone(), stopped.clone())));
        }
        let crowd = Self {
            stop,
            purchases,
            people,
        };
        eventually("business to begin", async || {
            (crowd.purchases() >= pairs).then_some(())
        })
        .await;
        crowd
    }

    /// How many tickets have been bought so far.
    pub fn purchases(&self) -> u32 {
        self.purchases.load(Ordering::Relaxed)
    }

    /// Returns when `more` tickets have been bought from now on.
    pub async fn buys(&self, more: u32) {
        let wanted = self.purchases() + more;
        eventually(format!("{more} more purchases"), async || {
            (self.purchases() >= wanted).then_some(())
        })
        .await;
    }

    /// Lets them finish what they are doing.
    pub async fn goes_home(self) {
        self.stop.send_replace(true);
        for person in self.people {
            person.await.expect("nobody had to give up");
        }
    }
}

async fn trades(shop: Shop, purchases: Arc<AtomicU32>, stopped: watch::Receiver<bool>) {
    let mut seller = Determined::signs_up(&shop, PATIENCE).await;
    let mut buyer = Determined::signs_up(&shop, PATIENCE).await;
    while !*stopped.borrow() {
        let ticket = seller.sells("In a crowd", 12.5).await;
        let ending = buyer.buys(&ticket, "pm_card_visa").await;
        assert_eq!(ending, Ending::Bought, "nobody else wants {ticket}");
        purchases.fetch_add(1, Ordering::Relaxed);
    }
}

async fn looks(shop: Shop, stopped: watch::Receiver<bool>) {
    let person = shop.visitor();
    while !*stopped.borrow() {
        person.try_get("/api/tickets").await;
        // As fast as a person, not as fast as a machine.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
