//! `ticketing`, the operator's tool: runs the whole shop on one machine (`up`, `roll`), brings databases to the current
//! schema (`migrate`), makes secrets (`keys`), keeps them (`secrets`) and puts them there for a lattice (`configure`), deploys to it (`deploy`), measures it (`metrics`),
//! looks after events that could not be handled (`dead-letters`), has a service hear all events again (`replay`), packs providers (`par`), signs
//! components (`sign`) and publishes to a registry (`publish`).
//! `cargo xtask` builds it and calls it.
#![forbid(unsafe_code)]

mod cli;
mod configure;
mod data;
mod database;
mod dead_letters;
mod deploy;
mod down;
mod endpoints;
mod keys;
mod lattice;
mod metrics;
mod migrate;
mod network;
mod par;
mod ports;
mod process;
mod publish;
mod replay;
mod roll;
mod secrets;
mod secrets_backend;
mod servers;
mod services;
mod settings;
mod sign;
mod signing_key;
mod streams;
mod up;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use cli::{Cli, Command};

// One thread: children get a signal when the thread that started them ends, so it must be the last to end.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let result = match cli.command {
        Command::Up(arguments) => up::run(arguments).await,
        Command::Down(arguments) => down::run(&arguments).await,
        Command::Roll(arguments) => roll::run(&arguments).await,
        Command::Migrate(arguments) => migrate::run(&arguments).await,
        Command::Configure(arguments) => configure::run(&arguments).await,
        Command::Keys(arguments) => keys::run(&arguments),
        Command::Deploy(arguments) => deploy::run(&arguments).await,
        Command::Metrics(arguments) => metrics::run(&arguments).await,
        Command::DeadLetters(arguments) => dead_letters::run(&arguments).await,
        Command::Replay(arguments) => replay::run(&arguments).await,
        Command::Secrets(arguments) => secrets_backend::run(&arguments).await,
        Command::Par(arguments) => par::run(arguments).await,
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Publish(arguments) => publish::run(&arguments).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ticketing: {}", one_line(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

/// A wrong or missing value gets one line that says which and why; a call for help gets all of it.
fn usage(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::InvalidValue
        | ErrorKind::ValueValidation
        | ErrorKind::UnknownArgument
        | ErrorKind::MissingRequiredArgument
        | ErrorKind::ArgumentConflict => {
            let text = error.to_string();
            // What comes after an empty line is a tip, or how to use it.
            let what = text.split("\n\n").next().unwrap_or_default();
            let what = one_line(what).replace(":; ", ": ");
            eprintln!("ticketing: {}", what.trim_start_matches("error: "));
            ExitCode::from(2)
        }
        _ => {
            // Nowhere left to report that the terminal is gone.
            let _ = error.print();
            ExitCode::from(if error.use_stderr() { 2 } else { 0 })
        }
    }
}

fn one_line(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}
