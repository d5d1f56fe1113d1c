//! Trials: async functions under the names that they have in the source, and the program that runs them.
use std::process::ExitCode;
use std::sync::LazyLock;

use anyhow::Result;
use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use crate::Endpoints;

/// The runtime that everything of the suite runs on, connections included.
pub static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime is a matter of memory and threads")
});

/// Lists the trials of a module: async functions that get a clone of the test program's `World`.
#[macro_export]
#[expect(
    clippy::crate_in_macro_def,
    reason = "the world is that of the program that uses it"
)]
macro_rules! trials {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn trials(world: &crate::World) -> Vec<libtest_mimic::Trial> {
            vec![$({
                let world = world.clone();
                let name = $crate::trial_name(module_path!(), stringify!($name));
                $crate::trial(name, move || world.clone(), $name)
            }),+]
        }
    };
}

/// A trial named by its module and its sentence; `test` gets what `world` gives when it runs.
pub fn trial<W: Send + 'static>(
    name: String,
    world: impl Fn() -> W + Send + 'static,
    test: impl AsyncFn(W) + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        RUNTIME.block_on(test(world()));
        Ok(())
    })
}

/// `signin::a_wrong_password_is_refused` for that function in that module of any test binary.
#[must_use]
pub fn trial_name(module: &str, function: &str) -> String {
    format!("{}::{function}", module_of(module))
}

/// A module's path without its crate's name.
#[must_use]
pub fn module_of(path: &str) -> &str {
    path.split_once("::").map_or(path, |(_, module)| module)
}

/// Runs the trials of all modules one after the other, in their order, since each breaks what it leaves to the next. At last `close` takes the world down; it is told
/// whether all has passed. Against a lattice that is not the suite's own nothing is run.
pub fn one_by_one<W>(
    world: W,
    trials: impl FnOnce(&W) -> Vec<Vec<Trial>>,
    close: impl AsyncFnOnce(W, bool) -> Result<()>,
) -> ExitCode {
    let mut arguments = Arguments::from_args();
    if Endpoints::from_environment().is_some() && !arguments.list {
        eprintln!(
            "these trials break what they run against: they only do that to a lattice of their own"
        );
        return ExitCode::SUCCESS;
    }
    arguments.test_threads = Some(1);
    let passed = !libtest_mimic::run(&arguments, trials(&world).into_iter().flatten().collect())
        .has_failed();
    let closed = RUNTIME.block_on(close(world, passed));
    if let Err(error) = &closed {
        eprintln!("{error:?}");
    }
    if passed && closed.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
