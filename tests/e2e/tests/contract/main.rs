//! The contract, row by row and event by event, against one lattice that nothing disturbs.
//! Starts a lattice of its own, or uses the one that `TICKETING_E2E_URL` names.
#![forbid(unsafe_code)]

mod bodies;
mod browser_client;
mod caching;
mod closing;
mod concurrency;
mod declines;
mod events;
mod fuzz;
mod idempotency;
mod ids;
mod listing;
mod methods;
mod operations;
mod orders;
mod orders_listing;
mod origin;
mod own_tickets;
mod payments;
mod prices;
mod purchase;
mod refresh;
mod search;
mod session;
mod signin;
mod signout;
mod signup;
mod throttle;
mod tickets;
mod titles;
mod tracing;
mod webhook;

use std::process::ExitCode;
use std::sync::OnceLock;

use e2e::{Endpoints, Lattice, RUNTIME, Setup, Shop};
use libtest_mimic::{Arguments, Trial};

/// Trials mostly wait: for services, and for events to arrive.
const AT_ONCE: usize = 4;

static SHOP: OnceLock<Shop> = OnceLock::new();

/// The shop that all trials use.
fn shop() -> Shop {
    SHOP.get()
        .cloned()
        .expect("the shop is open while trials run")
}

/// Lists the trials of a module; each is an async function that gets the [`Shop`].
macro_rules! trials {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$(e2e::trial(e2e::trial_name(module_path!(), stringify!($name)), crate::shop, $name)),+]
        }
    };
}
pub(crate) use trials;

fn all() -> Vec<Trial> {
    [
        signup::trials(),
        signin::trials(),
        throttle::trials(),
        session::trials(),
        refresh::trials(),
        signout::trials(),
        origin::trials(),
        titles::trials(),
        prices::trials(),
        tickets::trials(),
        listing::trials(),
        caching::trials(),
        search::trials(),
        own_tickets::trials(),
        orders::trials(),
        orders_listing::trials(),
        payments::trials(),
        declines::trials(),
        webhook::trials(),
        bodies::trials(),
        ids::trials(),
        idempotency::trials(),
        methods::trials(),
        operations::trials(),
        browser_client::trials(),
        events::trials(),
        tracing::trials(),
        purchase::trials(),
        concurrency::trials(),
        fuzz::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if arguments.list {
        let everything = all().into_iter().chain(closing::trials()).collect();
        return libtest_mimic::run(&arguments, everything).exit_code();
    }
    arguments.test_threads.get_or_insert(AT_ONCE);
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let mut lattice = None;
    let endpoints = match Endpoints::from_environment() {
        Some(endpoints) => endpoints,
        None => lattice
            .insert(RUNTIME.block_on(Lattice::start(&Setup::new()))?)
            .endpoints()
            .clone(),
    };
    let shop = RUNTIME.block_on(Shop::open(&endpoints))?;
    SHOP.get_or_init(|| shop);
    let mut passed = !libtest_mimic::run(arguments, all()).has_failed();
    // What was published meanwhile is looked at when everything has been.
    passed &= !libtest_mimic::run(arguments, closing::trials()).has_failed();
    if let Some(lattice) = lattice {
        RUNTIME.block_on(lattice.close(passed))?;
    }
    Ok(passed)
}
