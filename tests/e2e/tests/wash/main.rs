//! The shop as people of wasmCloud handle it: with `wash`, on hosts and a wadm that our tool has not started.
//! One after the other: each has a lattice of its own.
#![forbid(unsafe_code)]

mod deploy;
mod dev;
mod ground;
mod host;
mod program;
mod registry;
mod shell;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

/// Nothing is shared.
struct World;

/// Lists the trials of a module; each is an async function that gets the [`World`].
macro_rules! trials {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$(
                e2e::trial(e2e::trial_name(module_path!(), stringify!($name)), || crate::World, $name)
            ),+]
        }
    };
}
pub(crate) use trials;

fn all() -> Vec<Trial> {
    [deploy::trials(), registry::trials(), dev::trials()]
        .into_iter()
        .flatten()
        .collect()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, all()).exit_code()
}
