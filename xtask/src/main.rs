//! `cargo xtask`, the project's one tool: finds or installs what a machine lacks, builds, runs and tests.
//! It uses the standard library alone, so that it compiles in seconds on a machine that has nothing yet.
#![forbid(unsafe_code)]

mod artifacts;
mod build;
mod doctor;
mod failure;
mod kept;
mod lock;
mod process;
mod programs;
mod sources;
mod test;
mod tools;
mod up;
mod web;
mod workspace;

use std::process::ExitCode;

use failure::Result;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask <command>

  doctor                 what this machine has, and what the other commands would install
  build                  web app, host, wadm, providers, components and the tools around them
  up [flags]             build, then run the whole shop until Ctrl-C (up --help lists the flags);
                         with --watch-client also Vite's development server, which shows what is edited at once
  migrate [flags]        build, then bring the databases to this checkout's schema
  down                   stop an `up` of this checkout
  roll                   build, then restart the hosts of an `up` of this checkout one by one
  dead-letters <step>    list, show, replay or drop the events that could not be handled
  replay <service>       have a service hear every event again, from the first one on
  publish --registry R --tag V
                         build, push every component and provider, and write the manifest that names them there
  test [tier]            unit, providers, e2e, browser, faults, hosts or wash; without a tier, all but the last three
  bench [what] [flags]   measure the shop, beside another system with --against (bench --help lists both)
  chaos [flags]          buyers and sellers while parts break at random, --minutes 5 --seed 1; then the promises are proven
  <anything else>        passed to the `ticketing` tool (try: cargo xtask ticketing --help)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[][..]),
    };
    match dispatch(command, rest) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Result<ExitCode> {
    let workspace = Workspace::find()?;
    match command {
        "help" | "--help" | "-h" => println!("{USAGE}"),
        "doctor" => return doctor::run(&workspace),
        "build" => {
            build::all(&workspace)?;
        }
        "test" => return test::run(&workspace, rest),
        "bench" | "chaos" => return programs::run(&workspace, command, rest),
        // Neither stopping what runs nor looking after it must wait for a build.
        "down" | "dead-letters" | "replay" if build::tool_exists(&workspace) => {
            return tools::ticketing(&workspace, command, rest);
        }
        "down" => println!("nothing to stop: this checkout has never been built"),
        "up" => return up::run(&workspace, rest),
        "roll" | "publish" => {
            build::all(&workspace)?;
            return tools::ticketing(&workspace, command, rest);
        }
        "ticketing" => {
            build::native(&workspace)?;
            return match rest.split_first() {
                Some((command, rest)) => tools::ticketing(&workspace, command, rest),
                None => tools::ticketing(&workspace, "--help", &[]),
            };
        }
        other => {
            build::native(&workspace)?;
            return tools::ticketing(&workspace, other, rest);
        }
    }
    Ok(ExitCode::SUCCESS)
}
