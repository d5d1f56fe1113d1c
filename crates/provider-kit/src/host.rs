//! A host that is killed leaves its provider processes behind; they must not outlive it.

use std::thread;
use std::time::Duration;

use rustix::process::{Pid, getppid};

/// How often the parent is looked at: the longest time a provider outlives its host.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Ends this process (exit code 1) within a quarter of a second after its parent, the host, is gone.
///
/// Call it first thing in `main`: the parent of that moment is taken for the host. It watches the
/// parent's process id because nothing else is dependable here: the host closes a provider's stdin
/// right after the start, and a parent-death signal fires when the *thread* that spawned the child
/// ends, which a Tokio runtime may do at any time.
///
/// # Errors
/// When the watching thread cannot be started.
pub fn exit_with_host() -> std::io::Result<()> {
    let host = getppid();
    thread::Builder::new()
        .name("exit-with-host".into())
        .spawn(move || {
            wait_until(|| orphaned(host, getppid()));
            eprintln!("the host is gone, so this provider ends too");
            std::process::exit(1);
        })
        .map(drop)
}

/// Whether the process has another parent than at its start: the kernel gave it a new one.
fn orphaned(at_start: Option<Pid>, now: Option<Pid>) -> bool {
    at_start != now
}

fn wait_until(condition: impl Fn() -> bool) {
    while !condition() {
        thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_parent_means_the_host_is_gone() {
        assert!(orphaned(Pid::from_raw(7), Pid::INIT.into()));
        assert!(!orphaned(Pid::from_raw(7), Pid::from_raw(7)));
    }

    #[test]
    fn a_host_that_is_itself_process_one_is_a_parent_like_any_other() {
        assert!(!orphaned(Some(Pid::INIT), Some(Pid::INIT)));
    }
}
