//! Three hosts on this machine, each in a network namespace of its own, behind one address and under load: one is killed, all
//! are replaced by another version and back, a column gets another name, and `up` itself is killed. Each trial says how many
//! requests failed and were lost; the checker proves that the promises hold.
//! One after the other, in this order, since each leaves the lattice to the next.
#![forbid(unsafe_code)]

mod crowd;
mod leftovers;
mod loss;
mod report;
mod roll;
mod schema;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use checker::{Journal, Places};
use e2e::{Checkout, Inventory, Lattice, Setup, Shop, inventories, within};
use libtest_mimic::Trial;
use tokio::sync::Mutex;

const HOSTS: u32 = 3;
/// Longer than any recovery takes, so that nobody loses an order to it.
const ORDER_EXPIRATION_SECONDS: u64 = 120;
/// After the last request.
const QUIET: Duration = Duration::from_secs(90);
/// From the loss of a host to everything being as it was, on a machine that also carries the load.
const RESTORED: Duration = Duration::from_secs(120);

/// The lattice, its checkout, and the journal of all who use it.
struct Place {
    lattice: Lattice,
    checkout: Checkout,
    journal: Journal,
}

/// Started by the first trial that needs it.
#[derive(Clone, Default)]
struct World(Arc<Mutex<Option<Place>>>);

impl World {
    /// Does something with the running lattice.
    async fn with<T>(&self, act: impl AsyncFnOnce(&mut Place) -> T) -> T {
        let mut place = self.0.lock().await;
        if place.is_none() {
            let started = Place::start().await;
            *place = Some(started.unwrap_or_else(|error| panic!("{error:?}")));
        }
        act(place.as_mut().expect("started above")).await
    }
}

impl Place {
    async fn start() -> anyhow::Result<Self> {
        let checkout = Checkout::new()?;
        let lattice = Lattice::start(&setup(&checkout)).await?;
        Ok(Self {
            lattice,
            checkout,
            journal: Journal::default(),
        })
    }

    /// The shop at its one public address.
    async fn shop(&self) -> Shop {
        let shop = Shop::open_under_fire(self.lattice.endpoints()).await;
        shop.unwrap_or_else(|error| panic!("{error:?}"))
            .with_journal(&self.journal)
    }

    /// Waits until every host runs everything, and says what that is.
    async fn is_whole(&self) -> Vec<Inventory> {
        let endpoints = self.lattice.endpoints();
        let manifest = std::fs::read_to_string(self.checkout.path().join("wadm.yaml"));
        let manifest = manifest.expect("the manifest");
        let deployed = |kind: &str| manifest.matches(&format!("type: {kind}\n")).count();
        let (components, providers) = (deployed("component"), deployed("capability"));
        assert!(components > 0 && providers > 0);
        within(
            RESTORED,
            "every host to run everything, and to say that it works",
            async || {
                let all = inventories(&endpoints.nats).await.ok()?;
                let whole = |host: &Inventory| {
                    host.components.len() == components && host.providers.len() == providers
                };
                if all.len() != HOSTS as usize || !all.iter().all(whole) {
                    return None;
                }
                for door in &endpoints.hosts {
                    let health = reqwest::get(format!("{door}/healthz")).await.ok()?;
                    if health.status() != 200 {
                        return None;
                    }
                }
                Some(all)
            },
        )
        .await
    }

    /// The promises hold once everything has come to rest.
    async fn holds(&self) {
        let endpoints = self.lattice.endpoints();
        let places = Places {
            postgres: endpoints.postgres.clone().unwrap_or_default(),
            nats: endpoints.nats.clone(),
            stripe_control: endpoints.stripe_control.clone().unwrap_or_default(),
        };
        let report = checker::check(&places, &self.journal, QUIET).await;
        let report = report.unwrap_or_else(|error| panic!("{error:?}"));
        assert!(report.violations.is_empty(), "{report}");
        eprintln!("{report}");
    }
}

fn setup(checkout: &Checkout) -> Setup {
    Setup::new()
        .with("ORDER_EXPIRATION_SECONDS", ORDER_EXPIRATION_SECONDS)
        .with("TICKETING_ROOT", checkout.path().display())
        .with_hosts(HOSTS)
}

fn all(world: &World) -> Vec<Vec<Trial>> {
    vec![
        loss::trials(world),
        roll::trials(world),
        schema::trials(world),
        leftovers::trials(world),
    ]
}

fn main() -> ExitCode {
    e2e::one_by_one(World::default(), all, async |world, passed| {
        let Some(place) = world.0.lock().await.take() else {
            return Ok(());
        };
        let data = place.lattice.data();
        place.lattice.close(passed).await?;
        let left = leftovers::networks_of(&data);
        ensure!(left.is_empty(), "up left networks behind: {left:?}");
        Ok(())
    })
}
