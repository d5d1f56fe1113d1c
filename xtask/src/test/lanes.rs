//! Which test programs run beside each other.
//!
//! The programs of a lane run one after the other, and the lanes beside each other: trials wait most of the time, for a
//! lattice that they take apart or for a clock. There are so few lanes that no lattice is slow to start.
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::tally::Tally;
use crate::failure::Result;
use crate::workspace::Workspace;

/// What takes least comes first. All programs that are not named here make one more lane.
const LANES: [&[&str]; 3] = [
    &["telemetry", "operator"],
    &["lifecycle"],
    &["contract", "documents"],
];

/// The programs of each lane, in the order in which they are given.
pub fn share_out(programs: Vec<PathBuf>) -> Vec<Vec<PathBuf>> {
    let mut lanes = vec![Vec::new(); LANES.len() + 1];
    for program in programs {
        lanes[lane_of(&program)].push(program);
    }
    lanes
}

/// Where a program comes among those that are named; none for all others.
pub fn place_of(program: &str) -> Option<usize> {
    LANES
        .into_iter()
        .flatten()
        .position(|known| *known == program)
}

fn lane_of(program: &Path) -> usize {
    let is_of = |lane: &&[&str]| lane.iter().any(|name| program.ends_with(name));
    LANES.iter().position(is_of).unwrap_or(LANES.len())
}

/// Runs the programs of a lane, with what `environment` sets.
///
/// # Errors
/// When one cannot be run, or crashes.
pub fn run(
    workspace: &Workspace,
    environment: &Command,
    filter: &[String],
    programs: Vec<PathBuf>,
) -> Result<Tally> {
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_runs_in_the_lane_that_names_it_or_in_the_last() {
        let programs = ["bin/telemetry", "bin/operator", "bin/browser"].map(PathBuf::from);
        let [first, second, third, last] = &share_out(programs.to_vec())[..] else {
            panic!("four lanes");
        };
        assert_eq!(first[..], programs[..2]);
        assert!(second.is_empty() && third.is_empty());
        assert_eq!(last[..], programs[2..]);
    }
}
