//! What takes a lattice of its own: orders that run out, parts that are killed, restarts.
//! One after the other, in this order, since each leaves the lattice to the next.
#![forbid(unsafe_code)]

mod dead_letters;
mod expiry;
mod faults;
mod other_stripe;
mod refunds;
mod restart;
mod start;

use std::process::ExitCode;
use std::sync::Arc;

use e2e::{Lattice, Setup, Shop};
use libtest_mimic::Trial;
use tokio::sync::Mutex;

/// How long an order lasts here. Long enough to be paid on a busy machine.
const ORDER_EXPIRATION_SECONDS: u64 = 5;

/// The lattice, started by the first trial that needs it.
#[derive(Clone, Default)]
struct World(Arc<Mutex<Option<Lattice>>>);

impl World {
    /// Does something with the running lattice.
    async fn with<T>(&self, act: impl AsyncFnOnce(&mut Lattice) -> T) -> T {
        let mut place = self.0.lock().await;
        if place.is_none() {
            *place = Some(
                Lattice::start(&setup())
                    .await
                    .unwrap_or_else(|error| panic!("{error:?}")),
            );
        }
        act(place.as_mut().expect("started above")).await
    }

    /// The shop that the lattice runs.
    async fn shop(&self) -> Shop {
        let endpoints = self.with(async |lattice| lattice.endpoints().clone()).await;
        Shop::open_under_fire(&endpoints)
            .await
            .unwrap_or_else(|error| panic!("{error:?}"))
    }
}

fn setup() -> Setup {
    Setup::new().with("ORDER_EXPIRATION_SECONDS", ORDER_EXPIRATION_SECONDS)
}

fn all(world: &World) -> Vec<Vec<Trial>> {
    vec![
        start::trials(world),
        expiry::trials(world),
        refunds::trials(world),
        dead_letters::trials(world),
        faults::trials(world),
        restart::trials(world),
        other_stripe::trials(world),
    ]
}

fn main() -> ExitCode {
    e2e::one_by_one(World::default(), all, async |world, passed| {
        match world.0.lock().await.take() {
            Some(lattice) => lattice.close(passed).await,
            None => Ok(()),
        }
    })
}
