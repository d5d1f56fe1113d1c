//! The test tiers, and one line at the end that sums them up.
//! Unit tests run natively, the web app's included; provider tests against real servers; every other tier against
//! lattices of its own.
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{build, lock, tools, web};

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
const DEFAULT_TIERS: [&str; 4] = ["unit", "providers", "e2e", "browser"];

/// Libraries on the provider SDK, which brings the host's dependencies along.
const PROVIDER_LIBRARIES: [&str; 2] = ["provider-kit", "jetstream-kit"];

/// What the test programs reported.
#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

/// Runs one tier, or those that run without a name.
///
/// # Errors
/// When the tier is unknown, a tool is missing, or something does not compile.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let (tier, filter) = match arguments.split_first() {
        Some((tier, filter)) => (tier.as_str(), filter),
        None => ("all", &[][..]),
    };
    let tiers: Vec<&str> = match tier {
        "all" => DEFAULT_TIERS.to_vec(),
        tier if TIERS.contains(&tier) => vec![tier],
        tier => {
            let known = TIERS.join(", ");
            return Err(Failure::new(
                format!("no test tier {tier}"),
                format!("there are {known} and all"),
            ));
        }
    };
    let mut tally = Tally::default();
    for tier in tiers {
        let started = Instant::now();
        match tier {
            "unit" => unit(workspace, filter, &mut tally)?,
            "providers" => providers(workspace, filter, &mut tally)?,
            tier => lattice(workspace, tier, filter, &mut tally)?,
        }
        println!("{tier}: {:.0} s", started.elapsed().as_secs_f32());
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Rules, libraries and components natively; then the native programs, as they are built together; then the web app.
fn unit(workspace: &Workspace, filter: &[String], tally: &mut Tally) -> Result<()> {
    println!("unit tests");
    tools::c_toolchain()?;
    let _lock = lock::target(workspace)?;
    let mut libraries = portable_tests(workspace)?;
    count(
        libraries.args(["--lib", "--bins", "--"]).args(filter),
        tally,
    )?;
    let mut programs = cargo_test(workspace);
    for package in native_packages(workspace)? {
        programs.args(["--package", &package]);
    }
    count(programs.args(["--lib", "--bins", "--"]).args(filter), tally)?;
    println!("the web app's unit tests");
    count(web::unit_tests(workspace)?.args(filter), tally)
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
    count(&mut cargo, tally)?;
    println!("statements");
    let mut statements = portable_tests(workspace)?;
    for rules in workspace.crates_in("crates")? {
        for program in programs_in(&workspace.root.join("crates").join(rules).join("tests")) {
            statements.args(["--test", &program]);
        }
    }
    statements.arg("--").args(filter);
    tools::test_servers(workspace, &mut statements)?;
    count(&mut statements, tally)
}

/// The programs in `tests/e2e/tests` whose name starts with the tier's; those of no other tier are `e2e`.
fn lattice(workspace: &Workspace, tier: &str, filter: &[String], tally: &mut Tally) -> Result<()> {
    let programs = programs_of(workspace, tier);
    if programs.is_empty() {
        println!("no {tier} tests");
        return Ok(());
    }
    if tier == "wash" {
        // What is missing is said before a build, not after it.
        tools::wash(workspace)?;
    }
    build::all(workspace)?;
    println!("{tier} tests");
    let mut cargo = portable_tests(workspace)?;
    for program in &programs {
        cargo.args(["--test", program]);
    }
    cargo.arg("--").args(filter);
    cargo
        .env("TICKETING_ROOT", &workspace.root)
        .env("TICKETING_BIN", workspace.bin().join("ticketing"));
    tools::servers(workspace, &mut cargo, &[])?;
    match tier {
        "browser" => web::browser_tests(workspace, &mut cargo)?,
        "faults" => {
            cargo.env("TICKETING_FAKETIME", tools::faketime()?);
        }
        "hosts" => tools::iproute()?,
        "wash" => {
            cargo
                .env("TICKETING_WASH", tools::wash(workspace)?)
                .env("TICKETING_REGISTRY", tools::docker_registry()?);
        }
        _ => {}
    }
    count(&mut cargo, tally)
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

/// The test programs of a tier that needs a lattice.
fn programs_of(workspace: &Workspace, tier: &str) -> Vec<String> {
    let mut programs = programs_in(&workspace.root.join("tests/e2e/tests"));
    programs.retain(|name| tier_of(name) == tier);
    programs
}

/// A test program is a file, or a folder with a `main.rs`.
fn programs_in(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut programs: Vec<String> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let program = path.extension().is_some_and(|extension| extension == "rs")
                || path.join("main.rs").is_file();
            let name = path.file_stem()?.to_str()?.to_owned();
            program.then_some(name)
        })
        .collect();
    programs.sort();
    programs
}

fn tier_of(program: &str) -> &'static str {
    TIERS
        .into_iter()
        .find(|tier| program.starts_with(tier))
        .unwrap_or("e2e")
}

/// Runs cargo, or what reports as cargo does, showing what it prints and adding up the result lines.
fn count(tests: &mut Command, tally: &mut Tally) -> Result<()> {
    let failed = |error| Failure::new("cannot run the tests", error);
    let before = tally.passed + tally.failed;
    let mut child = tests.stdout(Stdio::piped()).spawn().map_err(failed)?;
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(failed)?;
            println!("{line}");
            if let Some((passed, failed)) = result_line(&line) {
                tally.passed += passed;
                tally.failed += failed;
            }
        }
    }
    let status = child.wait().map_err(failed)?;
    if !status.success() && tally.failed == 0 {
        let why = if tally.passed + tally.failed == before {
            "it did not compile"
        } else {
            "a test program crashed"
        };
        return Err(Failure::new("the tests failed", why));
    }
    Ok(())
}

/// `test result: ok. 3 passed; 1 failed; …`
fn result_line(line: &str) -> Option<(u32, u32)> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut numbers = counts
        .split("; ")
        .filter_map(|part| part.split_once(' ')?.0.parse().ok());
    Some((numbers.next()?, numbers.next()?))
}

#[cfg(test)]
mod tests {
    use super::{result_line, tier_of};

    #[test]
    fn results_are_added_up() {
        let line = "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(result_line(line), Some((3, 1)));
        assert_eq!(result_line("test x ... ok"), None);
    }

    #[test]
    fn a_test_program_belongs_to_the_tier_of_its_name() {
        assert_eq!(tier_of("faults_postgres"), "faults");
        assert_eq!(tier_of("http_tickets"), "e2e");
    }
}
