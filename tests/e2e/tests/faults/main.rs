//! The promises under fire: races in every order, every process killed, paused, restarted and cut off at every step of a
//! purchase, events twice and out of order. After each trial the checker proves the promises, from rows, events and books.
//! At the end its guards are taken away one by one, to see that the checker notices.
#![forbid(unsafe_code)]

mod controls;
mod guard;
mod orderings;
mod races;
mod strikes;
mod ticks;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use e2e::faults::Arena;
use e2e::{Setup, Shop};
use libtest_mimic::Trial;
use tokio::sync::OnceCell;

/// How long an order lasts here. Long enough to be paid on a busy machine, short enough to run out in a trial.
const ORDER_EXPIRATION_SECONDS: u64 = 6;

/// After the last request: the longest lease of a payment, twice, and the work itself.
const QUIET: Duration = Duration::from_secs(90);

/// The lattice, started by the first trial that needs it.
#[derive(Clone, Default)]
struct World(Arc<OnceCell<(Arena, Shop)>>);

impl World {
    async fn get(&self) -> &(Arena, Shop) {
        let started = self.0.get_or_try_init(async || {
            let setup = Setup::new().with("ORDER_EXPIRATION_SECONDS", ORDER_EXPIRATION_SECONDS);
            let arena = Arena::start(setup).await?;
            let shop = arena.shop().await?;
            anyhow::Ok((arena, shop))
        });
        started.await.unwrap_or_else(|error| panic!("{error:?}"))
    }

    async fn arena(&self) -> &Arena {
        &self.get().await.0
    }

    /// The shop that the lattice runs.
    async fn shop(&self) -> Shop {
        self.get().await.1.clone()
    }

    /// The promises hold once everything has come to rest.
    async fn holds(&self) {
        let report = self.arena().await.check(QUIET).await;
        let report = report.unwrap_or_else(|error| panic!("{error:?}"));
        assert!(report.violations.is_empty(), "{report}");
    }
}

/// How many times as often as by default everything is done: `TICKETING_FAULTS_ROUNDS`.
fn rounds() -> usize {
    let given = std::env::var("TICKETING_FAULTS_ROUNDS");
    given.ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

fn all(world: &World) -> Vec<Vec<Trial>> {
    vec![
        races::trials(world),
        orderings::trials(world),
        strikes::trials(world),
        ticks::trials(world),
        controls::trials(world),
    ]
}

fn main() -> ExitCode {
    e2e::one_by_one(World::default(), all, async |world, passed| {
        // The trials, which had clones, are gone.
        match Arc::into_inner(world.0).and_then(OnceCell::into_inner) {
            Some((arena, _)) => arena.close(passed).await,
            None => Ok(()),
        }
    })
}
