//! The test tiers, and one line at the end that sums them up.
//! Unit tests run natively; every other tier runs against whole lattices of its own, on free ports.
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitCode, Stdio};

use crate::failure::{Failure, Result};
use crate::workspace::Workspace;
use crate::{build, lock, tools};

const TIERS: [&str; 4] = ["unit", "e2e", "faults", "browser"];

/// What the test programs reported.
#[derive(Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

/// Runs one tier, or all of them.
///
/// # Errors
/// When the tier is unknown, a tool is missing, or something does not compile.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let (tier, filter) = match arguments.split_first() {
        Some((tier, filter)) => (tier.as_str(), filter),
        None => ("all", &[][..]),
    };
    let tiers: Vec<&str> = match tier {
        "all" => TIERS.to_vec(),
        tier if TIERS.contains(&tier) => vec![tier],
        tier => {
            let known = TIERS.join(", ");
            return Err(Failure::new(format!("no test tier {tier}"), format!("there are {known} and all")));
        }
    };
    let mut tally = Tally::default();
    for tier in tiers {
        match tier {
            "unit" => unit(workspace, filter, &mut tally)?,
            tier => lattice(workspace, tier, filter, &mut tally)?,
        }
    }
    println!("{} passed, {} failed", tally.passed, tally.failed);
    Ok(if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn unit(workspace: &Workspace, filter: &[String], tally: &mut Tally) -> Result<()> {
    println!("unit tests");
    tools::c_toolchain()?;
    let mut cargo = build::cargo(workspace);
    // xtask is left out for it is running; e2e holds the other tiers.
    cargo.args(["test", "--release", "--quiet", "--workspace", "--exclude", "e2e", "--exclude", "xtask"]);
    cargo.args(["--lib", "--bins", "--no-fail-fast", "--"]).args(filter);
    let _lock = lock::target(workspace)?;
    count(&mut cargo, tally)
}

/// The files `tests/e2e/tests/<tier>*.rs`; those of no other tier are `e2e`.
fn lattice(workspace: &Workspace, tier: &str, filter: &[String], tally: &mut Tally) -> Result<()> {
    let folder = workspace.root.join("tests/e2e/tests");
    let mut programs: Vec<String> = fs::read_dir(&folder)
        .map(|entries| {
            entries
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
                .filter(|name| tier_of(name) == tier)
                .collect()
        })
        .unwrap_or_default();
    programs.sort();
    if programs.is_empty() {
        println!("no {tier} tests");
        return Ok(());
    }
    build::all(workspace)?;
    println!("{tier} tests");
    let mut cargo = build::cargo(workspace);
    cargo.args(["test", "--release", "--quiet", "--package", "e2e", "--no-fail-fast"]);
    for program in &programs {
        cargo.args(["--test", program]);
    }
    cargo.arg("--").args(filter);
    cargo
        .env("TICKETING_ROOT", &workspace.root)
        .env("TICKETING_BIN", workspace.bin().join("ticketing"));
    tools::servers(workspace, &mut cargo, &[])?;
    count(&mut cargo, tally)
}

fn tier_of(program: &str) -> &'static str {
    TIERS
        .into_iter()
        .find(|tier| program.starts_with(tier))
        .unwrap_or("e2e")
}

/// Runs cargo, showing what it prints and adding up the result lines.
fn count(cargo: &mut Command, tally: &mut Tally) -> Result<()> {
    let failed = |error| Failure::new("cannot run cargo test", error);
    let before = tally.passed + tally.failed;
    let mut child = cargo.stdout(Stdio::piped()).spawn().map_err(failed)?;
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
        let why = if tally.passed + tally.failed == before { "it did not compile" } else { "a test program crashed" };
        return Err(Failure::new("cargo test failed", why));
    }
    Ok(())
}

/// `test result: ok. 3 passed; 1 failed; …`
fn result_line(line: &str) -> Option<(u32, u32)> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let mut numbers = counts.split("; ").filter_map(|part| part.split_once(' ')?.0.parse().ok());
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
