//! iproute2's `ip`, which makes the network namespaces of several hosts. One host does without.
use std::path::PathBuf;

use crate::failure::{Failure, Result};
use crate::process::{self, is_executable, on_path};

use super::State;

/// Whether these arguments of `up` ask for several hosts.
pub fn is_needed(arguments: &[String]) -> bool {
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let hosts = match argument.strip_prefix("--hosts") {
            Some("") => arguments.next().map(String::as_str),
            Some(rest) => rest.strip_prefix('='),
            None => continue,
        };
        // What is no number, the tool refuses.
        if hosts.is_some_and(|hosts| hosts.trim() != "1") {
            return true;
        }
    }
    false
}

/// Installs it when it is missing.
///
/// # Errors
/// When it cannot be installed here.
pub fn ensure() -> Result<()> {
    if find().is_some() {
        return Ok(());
    }
    process::apt_install("iproute2", &["iproute2"])?;
    find()
        .map(drop)
        .ok_or_else(|| Failure::new("iproute2", "installed, but without ip"))
}

pub fn state() -> State {
    match find() {
        Some(path) => State::Present(path.display().to_string()),
        None if process::has_apt() && process::is_root() => {
            State::Installable("Debian's iproute2, for several hosts".to_owned())
        }
        None => State::Missing("install iproute2; one host does without".to_owned()),
    }
}

fn find() -> Option<PathBuf> {
    // Not on everybody's PATH.
    on_path("ip").or_else(|| Some(PathBuf::from("/usr/sbin/ip")).filter(|path| is_executable(path)))
}

#[cfg(test)]
mod tests {
    use super::is_needed;

    #[test]
    fn only_several_hosts_need_it() {
        let needed = |text: &str| {
            let arguments: Vec<String> = text.split(' ').map(str::to_owned).collect();
            is_needed(&arguments)
        };
        assert!(needed("--hosts 3") && needed("--fresh --hosts=2"));
        assert!(!needed("--fresh") && !needed("--hosts 1 --fresh") && !needed("--hosts=1"));
    }
}
