//! What this machine has, and what the other commands would install.
//! Changes nothing.
use std::process::ExitCode;

use crate::failure::Result;
use crate::tools;
use crate::workspace::Workspace;

/// Prints one line a tool; fails when one is missing that cannot be installed here.
///
/// # Errors
/// Never so far; a missing tool is part of the answer.
pub fn run(workspace: &Workspace) -> Result<ExitCode> {
    let mut stuck = false;
    for (name, state) in tools::survey(workspace) {
        match state {
            tools::State::Present(detail) => println!("ok       {name}: {detail}"),
            tools::State::Installable(how) => {
                println!("missing  {name}: will be installed ({how})")
            }
            tools::State::Missing(remedy) => {
                stuck = true;
                println!("MISSING  {name}: {remedy}");
            }
        }
    }
    println!("cache    {}", workspace.cache.display());
    Ok(if stuck {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
