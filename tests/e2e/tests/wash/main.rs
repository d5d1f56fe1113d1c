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

use libtest_mimic::Trial;

/// Nothing is shared.
#[derive(Clone)]
struct World;

fn all(world: &World) -> Vec<Vec<Trial>> {
    vec![
        deploy::trials(world),
        registry::trials(world),
        dev::trials(world),
    ]
}

fn main() -> ExitCode {
    e2e::one_by_one(World, all, async |_, _| Ok(()))
}
