//! What test programs report, shown as it comes and added up.
use std::fmt;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, ExitCode, Stdio};

use crate::failure::{Failure, Result};

/// How many tests have passed and failed so far.
#[derive(Default)]
pub struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    /// Runs tests, by cargo or anything that reports as it does, shows what they print and adds up the result lines.
    ///
    /// # Errors
    /// When they cannot be run, or end badly without naming a failure.
    pub fn count(&mut self, tests: &mut Command) -> Result<()> {
        let failed = |error| Failure::new("cannot run the tests", error);
        let before = (self.passed, self.failed);
        let mut child = tests.stdout(Stdio::piped()).spawn().map_err(failed)?;
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).lines() {
                let line = line.map_err(failed)?;
                println!("{line}");
                if let Some((passed, failed)) = result_line(&line) {
                    self.passed += passed;
                    self.failed += failed;
                }
            }
        }
        let status = child.wait().map_err(failed)?;
        if !status.success() && self.failed == before.1 {
            let why = if self.passed == before.0 {
                "it did not compile"
            } else {
                "a test program crashed"
            };
            return Err(Failure::new("the tests failed", why));
        }
        Ok(())
    }

    /// Adds what another has counted.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Success, unless a test has failed.
    pub fn exit_code(&self) -> ExitCode {
        if self.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
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
    use super::{Command, Tally, result_line};

    #[test]
    fn results_are_read() {
        let line = "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(result_line(line), Some((3, 1)));
        assert_eq!(result_line("test x ... ok"), None);
    }

    #[test]
    fn results_are_added_up_and_a_crash_is_no_result() {
        let shell = |script: &str| {
            let mut shell = Command::new("sh");
            shell.args(["-c", script]);
            shell
        };
        let mut tally = Tally::default();
        let passed = shell("echo 'test result: ok. 3 passed; 0 failed'");
        let failed = shell("echo 'test result: FAILED. 2 passed; 1 failed'; false");
        for mut tests in [passed, failed] {
            tally.count(&mut tests).unwrap();
        }
        assert_eq!(tally.to_string(), "5 passed, 1 failed");
        assert!(tally.count(&mut shell("kill -9 $$")).is_err());
    }
}
