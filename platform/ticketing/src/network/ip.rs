//! The program `ip` of iproute2, which makes namespaces, devices and addresses.
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use tokio::process::Command;

use crate::process::which;

/// The program, if it is there.
pub fn find() -> Option<PathBuf> {
    which("ip").or_else(|| {
        // Not on everybody's PATH.
        let path = PathBuf::from("/usr/sbin/ip");
        path.is_file().then_some(path)
    })
}

/// Runs one command and gives what it printed.
///
/// # Errors
/// With what `ip` says.
pub async fn run(arguments: &[&str]) -> Result<String> {
    let program = find().context("the program `ip` is missing (Debian's iproute2)")?;
    let output = Command::new(program)
        .args(arguments)
        .output()
        .await
        .context("cannot run `ip`")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("ip {}: {}", arguments.join(" "), said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Asks for something as JSON.
///
/// # Errors
/// With what `ip` says, or when it does not answer in JSON.
pub async fn ask<T: DeserializeOwned>(question: &[&str]) -> Result<Vec<T>> {
    let mut arguments = vec!["-json"];
    arguments.extend(question);
    let answer = run(&arguments).await?;
    if answer.trim().is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(&answer)
        .with_context(|| format!("the answer of ip {}", question.join(" ")))
}
