//! Running other programs: with their output shown, captured, or under a deadline.
//! A failure always names the whole command line.
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::failure::{Failure, Result};

/// Runs to the end with its output on the terminal.
///
/// # Errors
/// When it cannot start or does not succeed.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = command
        .status()
        .map_err(|error| Failure::new(format!("cannot run `{line}`"), error))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("`{line}` failed"), status))
    }
}

/// Runs to the end and returns what it wrote to stdout; its stderr is part of the failure.
///
/// # Errors
/// When it cannot start or does not succeed.
pub fn capture(command: &mut Command) -> Result<String> {
    let line = describe(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::new(format!("cannot run `{line}`"), error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let last = stderr.lines().rev().find(|line| !line.trim().is_empty());
        Err(Failure::new(
            format!("`{line}` failed"),
            last.unwrap_or("it said nothing"),
        ))
    }
}

/// Runs quietly and stops it when it takes longer than `limit`.
///
/// # Errors
/// When it cannot start, does not succeed, or takes too long.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let line = describe(command);
    let failed = |error| Failure::new(format!("cannot run `{line}`"), error);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let mut stderr = child.stderr.take();
    let said = thread::spawn(move || {
        let mut text = String::new();
        if let Some(pipe) = stderr.as_mut() {
            // What cannot be read is missing from a message, no more.
            let _ = pipe.read_to_string(&mut text);
        }
        text
    });
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            if status.success() {
                return Ok(());
            }
            let text = said.join().unwrap_or_default();
            let last = text.lines().rev().find(|line| !line.trim().is_empty());
            return Err(Failure::new(
                format!("`{line}` failed"),
                last.unwrap_or("it said nothing"),
            ));
        }
        if Instant::now() > deadline {
            child.kill().map_err(failed)?;
            child.wait().map_err(failed)?;
            return Err(Failure::new(
                format!("`{line}`"),
                format!("no end after {} s", limit.as_secs()),
            ));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// The path of an executable on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|path| is_executable(path))
}

/// Whether a file is there and may be executed by somebody.
pub fn is_executable(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Whether this process may install packages.
pub fn is_root() -> bool {
    capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// A Debian-like system with apt.
pub fn has_apt() -> bool {
    on_path("apt-get").is_some() && on_path("dpkg").is_some()
}

/// Installs Debian packages, saying so first.
///
/// # Errors
/// When this is not a Debian-like system, the user is not root, or apt fails.
pub fn apt_install(what: &str, packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    if !has_apt() {
        return Err(Failure::new(
            format!("{what} is missing"),
            "this system has no apt to install it with",
        )
        .remedy(format!("install the equivalent of Debian's {wanted}")));
    }
    if !is_root() {
        return Err(
            Failure::new(format!("{what} is missing"), "only root can install it")
                .remedy(format!("run: sudo apt-get install {wanted}")),
        );
    }
    println!("installing {what}: apt-get install {wanted}");
    let mut install = Command::new("apt-get");
    install
        .args(["install", "--yes", "--no-install-recommends", "-qq"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    // The package lists of a fresh image are empty or stale, so a first failure asks for new ones.
    if capture(&mut install).is_err() {
        capture(Command::new("apt-get").args(["update", "-qq"]))?;
        capture(&mut install).map_err(|failure| {
            failure.remedy(format!("install {wanted} by hand and run this again"))
        })?;
    }
    Ok(())
}

fn describe(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
