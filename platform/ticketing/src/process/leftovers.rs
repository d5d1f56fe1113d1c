//! Children of an `up` that was killed before it could end them: they are ended by the next one.
//! A process is known by its id and the time of its start, for ids are used again.
use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::data::{Data, read_json, write_json};

/// How long a leftover may take to end before it is killed, and then to be gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// The running children, on disk; clones share it.
#[derive(Clone)]
pub struct Leftovers {
    data: Data,
    running: Arc<Mutex<BTreeMap<String, Record>>>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
struct Record {
    pid: i32,
    /// Clock ticks from boot to its start.
    started: u64,
}

impl Leftovers {
    /// Ends what a killed `up` has left and starts with an empty list.
    ///
    /// # Errors
    /// When something will not end.
    pub async fn end(data: &Data) -> Result<Self> {
        let old: BTreeMap<String, Record> = read_json(&data.children())?.unwrap_or_default();
        let alive = |records: &BTreeMap<String, Record>| -> Vec<(String, i32)> {
            let alive = records.iter().filter(|(_, record)| record.is_alive());
            alive
                .map(|(name, record)| (name.clone(), record.pid))
                .collect()
        };
        for signal in [Signal::TERM, Signal::KILL] {
            let deadline = Instant::now() + PATIENCE;
            for (name, pid) in alive(&old) {
                eprintln!("ending {name} (process {pid}), which a killed up has left");
                signal_group(pid, signal);
            }
            while !alive(&old).is_empty() && Instant::now() < deadline {
                sleep(Duration::from_millis(50)).await;
            }
        }
        if let Some((name, pid)) = alive(&old).first() {
            bail!("{name} (process {pid}) of a killed up does not end; end it by hand");
        }
        Ok(Self {
            data: data.clone(),
            running: Arc::default(),
        })
    }

    /// Records that a child runs.
    pub(super) fn add(&self, name: &str, pid: i32) {
        if let Some(started) = start_of(pid) {
            self.change(|running| {
                running.insert(name.to_owned(), Record { pid, started });
            });
        }
    }

    /// Records that it has ended.
    pub(super) fn remove(&self, name: &str) {
        self.change(|running| {
            running.remove(name);
        });
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Record>)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut running);
        if let Err(error) = write_json(&self.data.children(), &*running) {
            eprintln!("cannot record the running processes: {error:#}");
        }
    }
}

impl Record {
    fn is_alive(self) -> bool {
        start_of(self.pid) == Some(self.started)
    }
}

/// Sends a signal to a child and everything it started; gone already is as good.
pub(super) fn signal_group(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process_group(pid, signal);
    }
}

/// Field 22 of `/proc/<pid>/stat`; `None` for a process that has ended, reaped or not.
fn start_of(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may hold anything, so fields count from behind it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_alive_and_a_later_one_of_its_id_is_another() {
        let pid = i32::try_from(std::process::id()).expect("ids fit");
        let started = start_of(pid).expect("it runs");
        assert!(Record { pid, started }.is_alive());
        assert!(
            !Record {
                pid,
                started: started + 1
            }
            .is_alive()
        );
    }
}
