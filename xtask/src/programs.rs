//! `cargo xtask bench` and `cargo xtask chaos`: everything built in release, then handed to a program of tests/ that
//! starts a lattice of its own.
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{artifacts, build, lock, process, tools};

/// Builds the shop and the program `package`, and runs that with its own arguments.
///
/// # Errors
/// When something does not compile, or the program cannot start.
pub fn run(workspace: &Workspace, package: &str, arguments: &[String]) -> Result<ExitCode> {
    build::all(workspace)?;
    let program = {
        let _lock = lock::target(workspace)?;
        println!("building {package}");
        process::run(build::cargo(workspace).args([
            "build",
            "--release",
            "--quiet",
            "--package",
            package,
        ]))?;
        let program = workspace.bin().join(package);
        artifacts::copy(&workspace.target().join("release").join(package), &program)?;
        program
    };
    let mut command = Command::new(program);
    command
        .current_dir(&workspace.root)
        .args(arguments)
        .env("TICKETING_ROOT", &workspace.root)
        .env("TICKETING_BIN", workspace.bin().join("ticketing"));
    tools::servers(workspace, &mut command, &[])?;
    // In place of this process, so that signals reach the program itself.
    Err(Failure::new(
        format!("cannot start {package}"),
        command.exec(),
    ))
}
