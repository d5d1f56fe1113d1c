//! The promises under fire: races in every order, every process killed, paused, restarted and cut off at every step of a
//! purchase, events twice and out of order. After each trial the checker proves the promises, from rows, events and books.
//! At the end its guards are taken away one by one, to see that the checker notices.
#![forbid(unsafe_code)]

mod controls;
mod guard;
mod orderings;
mod races;
mod strikes;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use e2e::faults::Arena;
use e2e::{Endpoints, RUNTIME, Setup, Shop};
use libtest_mimic::{Arguments, Trial};
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

/// Lists the trials of a module; each is an async function that gets the [`World`].
macro_rules! trials {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn trials(world: &crate::World) -> Vec<libtest_mimic::Trial> {
            vec![$({
                let world = world.clone();
                e2e::trial(e2e::trial_name(module_path!(), stringify!($name)), move || world.clone(), $name)
            }),+]
        }
    };
}
pub(crate) use trials;

fn all(world: &World) -> Vec<Trial> {
    [
        races::trials(world),
        orderings::trials(world),
        strikes::trials(world),
        controls::trials(world),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if Endpoints::from_environment().is_some() && !arguments.list {
        eprintln!(
            "these trials break what they run against; they only do that to a lattice of their own"
        );
        return ExitCode::SUCCESS;
    }
    arguments.test_threads = Some(1);
    let world = World::default();
    let mut passed = !libtest_mimic::run(&arguments, all(&world)).has_failed();
    // The trials, which had clones, are gone.
    if let Some((arena, _)) = Arc::into_inner(world.0).and_then(OnceCell::into_inner) {
        if !passed {
            eprintln!("the lattice's log:\n{}", arena.log());
        }
        if let Err(error) = RUNTIME.block_on(arena.stop()) {
            eprintln!("{error:?}");
            passed = false;
        }
    }
    if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
