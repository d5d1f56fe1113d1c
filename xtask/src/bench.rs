//! `cargo xtask bench`: everything built in release, then handed to the program that measures.
use std::process::{Command, ExitCode};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{build, lock, process, tools};

/// Measures, with the benchmark's own arguments.
///
/// # Errors
/// When something does not compile, or the program cannot start.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    build::all(workspace)?;
    let program = {
        let _lock = lock::target(workspace)?;
        println!("building the benchmark");
        process::run(build::cargo(workspace).args([
            "build",
            "--release",
            "--quiet",
            "--package",
            "bench",
        ]))?;
        workspace.target().join("release/bench")
    };
    let mut bench = Command::new(program);
    bench
        .current_dir(&workspace.root)
        .args(arguments)
        .env("TICKETING_ROOT", &workspace.root)
        .env("TICKETING_BIN", workspace.bin().join("ticketing"));
    tools::servers(workspace, &mut bench, &[])?;
    let status = bench
        .status()
        .map_err(|error| Failure::new("cannot run the benchmark", error))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
