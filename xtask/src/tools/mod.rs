//! The programs that the build and the shop need: found on this machine, or installed with a word said before.
//! Nothing here is needed twice: what was fetched stays in the cache.
mod c;
mod chromium;
mod faketime;
mod iproute;
mod nats;
mod node;
mod postgres;
mod registry;
mod wash;
mod wasm;
mod wasm_std;

use std::env;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;

pub use c::ensure as c_toolchain;
pub use chromium::ensure as chromium;
pub use faketime::ensure as faketime;
pub use iproute::ensure as iproute;
pub use node::find as node;
pub use registry::ensure as docker_registry;
pub use wash::find as wash;
pub use wasm::ensure as wasm_target;

/// What `doctor` says about a tool.
pub enum State {
    /// There, with its version or path.
    Present(String),
    /// Not there, but the other commands know a way.
    Installable(String),
    /// Not there, and only a person can change that.
    Missing(String),
}

/// All tools, in the order in which they are needed.
pub fn survey(workspace: &Workspace) -> Vec<(&'static str, State)> {
    vec![
        ("C toolchain", c::state()),
        ("wasm32-wasip2", wasm::state()),
        ("Node.js", node::state()),
        ("nats-server", nats::state(workspace)),
        ("PostgreSQL", postgres::state()),
        ("iproute2", iproute::state()),
        ("Chromium", chromium::state()),
    ]
}

/// Becomes the `ticketing` tool, telling it where the servers are.
///
/// # Errors
/// When a server is missing and cannot be installed, or the tool cannot start.
pub fn ticketing(workspace: &Workspace, command: &str, arguments: &[String]) -> Result<ExitCode> {
    let mut tool = Command::new(workspace.bin().join("ticketing"));
    tool.arg(command)
        .args(arguments)
        .env("TICKETING_ROOT", &workspace.root);
    if command == "up"
        && !arguments
            .iter()
            .any(|argument| argument == "--help" || argument == "-h")
    {
        servers(workspace, &mut tool, arguments)?;
        if iproute::is_needed(arguments) {
            iproute::ensure()?;
        }
    }
    // In place of this process, so that signals reach the tool itself.
    Err(Failure::new("cannot start the ticketing tool", tool.exec()))
}

/// Tells test programs where NATS and Postgres are, installing what is missing.
///
/// # Errors
/// When one is missing and cannot be installed.
pub fn test_servers(workspace: &Workspace, tests: &mut Command) -> Result<()> {
    tests
        .env("NATS_SERVER_BIN", nats::ensure(workspace)?)
        .env("POSTGRES_BIN_DIR", postgres::ensure()?);
    Ok(())
}

/// Tells a command where NATS and Postgres are, installing those that it would start itself.
///
/// # Errors
/// When one is missing and cannot be installed.
pub fn servers(workspace: &Workspace, tool: &mut Command, arguments: &[String]) -> Result<()> {
    let given = |variable: &str, flag: &str| {
        env::var_os(variable).is_some_and(|value| !value.is_empty())
            || arguments.iter().any(|argument| argument.starts_with(flag))
    };
    if !given("NATS_URL", "--nats-url") {
        tool.env("TICKETING_NATS_SERVER", nats::ensure(workspace)?);
    }
    if !given("DATABASE_URL", "--database-url") {
        tool.env("TICKETING_POSTGRES_BIN", postgres::ensure()?);
    }
    Ok(())
}
