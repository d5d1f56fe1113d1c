//! The web app in a real browser: starts a lattice, or uses the one that `TICKETING_E2E_URL` names, and runs Playwright's
//! tests against it, which are in tests/browser. Arguments are Playwright's.
#![forbid(unsafe_code)]

use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};
use e2e::{Endpoints, Lattice, RUNTIME, Setup, repository};

/// How long a reservation lasts here, in seconds: enough to buy by keyboard on a busy machine, and short
/// enough to wait for its end once.
const EXPIRATION_SECONDS: u32 = 45;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<bool> {
    if let Some(endpoints) = Endpoints::from_environment() {
        return playwright(&endpoints, arguments);
    }
    let setup = Setup::new().with("ORDER_EXPIRATION_SECONDS", EXPIRATION_SECONDS);
    let lattice = RUNTIME.block_on(Lattice::start(&setup))?;
    let passed = playwright(lattice.endpoints(), arguments);
    RUNTIME.block_on(lattice.close(matches!(passed, Ok(true))))?;
    passed
}

fn playwright(endpoints: &Endpoints, arguments: &[String]) -> Result<bool> {
    let folder = repository().join("tests/browser");
    let mut node = Command::new("node");
    node.arg("node_modules/@playwright/test/cli.js")
        .arg("test")
        .args(arguments)
        .current_dir(&folder)
        .env("SHOP", &endpoints.http)
        .env("ORDER_EXPIRATION_SECONDS", EXPIRATION_SECONDS.to_string());
    if let Some(control) = &endpoints.stripe_control {
        node.env("STRIPE_CONTROL", control);
    }
    let status = node
        .status()
        .with_context(|| format!("running Playwright in {}", folder.display()))?;
    Ok(status.success())
}
