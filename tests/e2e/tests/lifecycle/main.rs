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

use e2e::{Endpoints, Lattice, RUNTIME, Setup, Shop};
use libtest_mimic::{Arguments, Trial};
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
        start::trials(world),
        expiry::trials(world),
        refunds::trials(world),
        dead_letters::trials(world),
        faults::trials(world),
        restart::trials(world),
        other_stripe::trials(world),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if Endpoints::from_environment().is_some() && !arguments.list {
        eprintln!(
            "these trials kill what they run against; they only do that to a lattice of their own"
        );
        return ExitCode::SUCCESS;
    }
    arguments.test_threads = Some(1);
    let world = World::default();
    let mut passed = !libtest_mimic::run(&arguments, all(&world)).has_failed();
    if let Some(mut lattice) = RUNTIME.block_on(world.0.lock()).take() {
        if !passed {
            eprintln!("the lattice's log:\n{}", lattice.log());
        }
        if let Err(error) = RUNTIME.block_on(lattice.stop()) {
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
