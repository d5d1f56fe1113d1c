//! The test tiers, and one line at the end that sums them up.
//! Unit tests run natively, the web app's included; provider tests against real servers; every other tier against
//! lattices of its own.
mod programs;
mod tally;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::thread;
use std::time::Instant;

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{build, lock, tools, web};
use tally::Tally;

const TIERS: [&str; 7] = [
    "unit",
    "providers",
    "e2e",
    "faults",
    "hosts",
    "browser",
    "wash",
];

/// What runs without a tier's name: what has proved to be steady. The others are called by name.
const DEFAULT_TIERS: [&[&str]; 3] = [&["unit"], &["providers"], &["e2e", "browser"]];

/// Test programs whose trials take their lattice apart one after the other, and wait for it most of the time: so few run
/// beside each other, and beside the rest, that no lattice is slow to start. What takes least comes first.
const PATIENT: [&[&str]; 2] = [&["telemetry", "operator"], &["lifecycle"]];

/// Libraries on the provider SDK, which brings the host's dependencies along.
const PROVIDER_LIBRARIES: [&str; 5] = [
    "provider-kit",
    "provider-process",
    "jetstream-kit",
    "jetstream-testing",
    "wrpc-transport-nats",
];

/// Programs beside the native ones that have unit tests.
const TESTED_PROGRAMS: [&str; 3] = ["xtask", "bench", "chaos"];

/// Runs one tier, or those that run without a name.
///
/// # Errors
/// When the tier is unknown, a tool is missing, or something does not compile.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let (tier, filter) = match arguments.split_first() {
        Some((tier, filter)) => (tier.as_str(), filter),
        None => ("all", &[][..]),
    };
    let tiers: Vec<&[&str]> = match tier {
        "all" => DEFAULT_TIERS.to_vec(),
        tier => match TIERS.iter().position(|known| *known == tier) {
            Some(place) => vec![&TIERS[place..=place]],
            None => {
                let known = TIERS.join(", ");
                return Err(Failure::new(
                    format!("no test tier {tier}"),
                    format!("there are {known} and all"),
                ));
            }
        },
    };
    let mut tally = Tally::default();
    for tiers in tiers {
        let started = Instant::now();
        match tiers {
            ["unit"] => unit(workspace, filter, &mut tally)?,
            ["providers"] => providers(workspace, filter, &mut tally)?,
            tiers => lattices(workspace, tiers, filter, &mut tally)?,
        }
        let seconds = started.elapsed().as_secs_f32();
        println!("{}: {seconds:.0} s", tiers.join(" and "));
    }
    println!("{tally}");
    Ok(tally.exit_code())
}

/// Rules, libraries and components natively; then the native programs, as they are built together; then the web app.
fn unit(workspace: &Workspace, filter: &[String], tally: &mut Tally) -> Result<()> {
    println!("unit tests");
    tools::c_toolchain()?;
    // The client embeds it: without it here, its tests would be compiled twice.
    web::build(workspace)?;
    let _lock = lock::target(workspace)?;
    let mut libraries = portable_tests(workspace)?;
    tally.count(
        with_units(&mut libraries, &TESTED_PROGRAMS)
            .arg("--")
            .args(filter),
    )?;
    let mut programs = cargo_test(workspace);
    for package in native_packages(workspace)? {
        programs.args(["--package", &package]);
    }
    tally.count(
        with_units(&mut programs, &["ticketing"])
            .arg("--")
            .args(filter),
    )?;
    println!("the web app's unit tests");
    tally.count(web::unit_tests(workspace)?.args(filter))
}

/// Libraries, and the programs that have tests of their own. Not `--bins`: that compiles a second host as well, and every
/// provider, with no test in them.
fn with_units<'a>(cargo: &'a mut Command, programs: &[&str]) -> &'a mut Command {
    cargo.arg("--lib");
    for program in programs {
        cargo.args(["--bin", program]);
    }
    cargo
}

/// Each provider against a real NATS or Postgres of its own; then statements that decide races, against Postgres.
fn providers(workspace: &Workspace, filter: &[String], tally: &mut Tally) -> Result<()> {
    println!("provider tests");
    tools::c_toolchain()?;
    let mut cargo = cargo_test(workspace);
    for package in native_packages(workspace)? {
        cargo.args(["--package", &package]);
    }
    cargo.args(["--test", "*", "--"]).args(filter);
    tools::test_servers(workspace, &mut cargo)?;
    let _lock = lock::target(workspace)?;
    tally.count(&mut cargo)?;
    println!("statements");
    let mut statements = portable_tests(workspace)?;
    let mut crates = workspace.crates_in("crates")?;
    crates.retain(|name| !PROVIDER_LIBRARIES.contains(&name.as_str()));
    for rules in crates {
        for program in programs::in_folder(&workspace.root.join("crates").join(rules).join("tests"))
        {
            statements.args(["--test", &program]);
        }
    }
    statements.arg("--").args(filter);
    tools::test_servers(workspace, &mut statements)?;
    tally.count(&mut statements)
}

/// The test programs of `tiers`, each against lattices of its own: those that make one step after the other and mostly
/// wait, beside those that keep the processor busy.
fn lattices(
    workspace: &Workspace,
    tiers: &[&str],
    filter: &[String],
    tally: &mut Tally,
) -> Result<()> {
    let programs = programs_of(workspace, tiers);
    if programs.is_empty() {
        println!("no {} tests", tiers.join(" and "));
        return Ok(());
    }
    // What is missing is said before a build, not after it.
    let environment = environment(workspace, tiers)?;
    build::all(workspace)?;
    let programs = programs::compile(workspace, portable_tests(workspace)?, &programs)?;
    println!("{} tests", tiers.join(" and "));
    let mut lanes = vec![Vec::new(); PATIENT.len() + 1];
    for program in programs {
        let is_of = |lane: &&[&str]| lane.iter().any(|name| program.ends_with(name));
        let lane = PATIENT.iter().position(is_of).unwrap_or(PATIENT.len());
        lanes[lane].push(program);
    }
    let run = |programs: Vec<PathBuf>| {
        let mut tally = Tally::default();
        for program in programs {
            let started = Instant::now();
            let mut tests = Command::new(&program);
            tests.args(filter).current_dir(&workspace.root);
            for (name, value) in environment.get_envs() {
                tests.env(name, value.unwrap_or_default());
            }
            tally.count(&mut tests)?;
            let name = program.file_name().unwrap_or_default().display();
            println!("{name}: {:.0} s", started.elapsed().as_secs_f32());
        }
        Ok(tally)
    };
    thread::scope(|scope| {
        let begun: Vec<_> = lanes
            .into_iter()
            .map(|lane| scope.spawn(|| run(lane)))
            .collect();
        for lane in begun {
            let crashed = |_| Failure::new("the tests failed", "their runner crashed");
            tally.add(&lane.join().map_err(crashed)??);
        }
        Ok(())
    })
}

/// What the test programs of `tiers` have to know, as the environment of a command.
fn environment(workspace: &Workspace, tiers: &[&str]) -> Result<Command> {
    let mut environment = Command::new("env");
    environment
        .env("TICKETING_ROOT", &workspace.root)
        .env("TICKETING_BIN", workspace.bin().join("ticketing"));
    tools::servers(workspace, &mut environment, &[])?;
    for tier in tiers {
        match *tier {
            "browser" => web::browser_tests(workspace, &mut environment)?,
            "faults" => {
                environment.env("TICKETING_FAKETIME", tools::faketime()?);
            }
            "hosts" => tools::iproute()?,
            "wash" => {
                environment
                    .env("TICKETING_WASH", tools::wash(workspace)?)
                    .env("TICKETING_REGISTRY", tools::docker_registry()?);
            }
            _ => {}
        }
    }
    Ok(environment)
}

/// What is tested beside the native programs. Always the same packages, of which the targets then choose: another
/// selection would turn on other features of what they share, and so compile that once more.
fn portable_tests(workspace: &Workspace) -> Result<Command> {
    let mut cargo = cargo_test(workspace);
    cargo.arg("--workspace");
    for package in native_packages(workspace)? {
        cargo.args(["--exclude", &package]);
    }
    Ok(cargo)
}

/// The native programs and their libraries.
fn native_packages(workspace: &Workspace) -> Result<Vec<String>> {
    let mut packages = build::native_packages(&workspace.crates_in("providers")?);
    packages.extend(PROVIDER_LIBRARIES.map(str::to_owned));
    Ok(packages)
}

fn cargo_test(workspace: &Workspace) -> Command {
    let mut cargo = build::cargo(workspace);
    cargo.args(["test", "--release", "--quiet", "--no-fail-fast"]);
    cargo
}

/// The programs in `tests/e2e/tests` whose name starts with that of one of the tiers; those of no other tier are `e2e`.
fn programs_of(workspace: &Workspace, tiers: &[&str]) -> Vec<String> {
    let mut programs = programs::in_folder(&workspace.root.join("tests/e2e/tests"));
    programs.retain(|name| tiers.contains(&tier_of(name)));
    programs.sort_by_key(|name| {
        let patience = PATIENT
            .into_iter()
            .flatten()
            .position(|patient| patient == name);
        let tier = TIERS.iter().position(|tier| *tier == tier_of(name));
        (patience, tier)
    });
    programs
}

fn tier_of(program: &str) -> &'static str {
    TIERS
        .into_iter()
        .find(|tier| program.starts_with(tier))
        .unwrap_or("e2e")
}

#[cfg(test)]
mod tests {
    use super::tier_of;

    #[test]
    fn a_test_program_belongs_to_the_tier_of_its_name() {
        assert_eq!(tier_of("faults_postgres"), "faults");
        assert_eq!(tier_of("http_tickets"), "e2e");
    }
}
