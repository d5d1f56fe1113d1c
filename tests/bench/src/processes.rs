//! What the processes of a lattice use, as the kernel counts it (/proc): processor time and memory, by the part of the
//! system that they are.
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use e2e::Process;

/// By part: `host`, `nats`, `postgres`, `provider ingress` and so on.
pub type ByPart<T> = BTreeMap<String, T>;

/// Database processes; they come with the database, whatever uses it.
pub const POSTGRES: &str = "postgres";

/// Processor time, of user and kernel together, that the tree below `ancestor` has used so far.
pub fn processor_time(ancestor: i32) -> ByPart<Duration> {
    let mut parts = ByPart::new();
    for process in tree(ancestor) {
        if let Some(used) = used(process.pid) {
            *parts.entry(part(&process.command)).or_default() += used;
        }
    }
    parts
}

/// What was used between two looks.
pub fn between(before: &ByPart<Duration>, after: &ByPart<Duration>) -> ByPart<Duration> {
    after
        .iter()
        .map(|(part, used)| {
            let before = before.get(part).copied().unwrap_or_default();
            (part.clone(), used.saturating_sub(before))
        })
        .collect()
}

/// Memory in bytes that the tree below `ancestor` holds: pages that several processes share count once, in parts
/// (PSS).
pub fn memory(ancestor: i32) -> ByPart<u64> {
    let mut parts = ByPart::new();
    for process in tree(ancestor) {
        if let Some(bytes) = held(process.pid) {
            *parts.entry(part(&process.command)).or_default() += bytes;
        }
    }
    parts
}

fn tree(ancestor: i32) -> impl Iterator<Item = Process> {
    let all = Process::all().into_iter();
    let root = all.filter(move |process| process.pid == ancestor);
    root.chain(Process::descendants(ancestor))
}

fn used(pid: i32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in parentheses may contain anything, blanks too: fields count from behind it.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let (user, kernel): (u64, u64) = (fields.get(11)?.parse().ok()?, fields.get(12)?.parse().ok()?);
    let ticks_per_second = rustix::param::clock_ticks_per_second();
    Some(Duration::from_millis(
        (user + kernel) * 1000 / ticks_per_second,
    ))
}

fn held(pid: i32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// The part of the system that a command line belongs to. The host unpacks a provider's archive into a path that its
/// own path is part of.
fn part(command: &str) -> String {
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default();
    let unpacked = program
        .split_once("_providers_")
        .and_then(|(_, rest)| rest.split_once("_build_"));
    if let Some((provider, _)) = unpacked {
        return format!("provider {}", provider.replace('_', "-"));
    }
    match program.rsplit('/').next().unwrap_or_default() {
        "wasmcloud_host" => "host".to_owned(),
        "nats-server" => "nats".to_owned(),
        // A command of the tool that runs everything.
        "ticketing" if words.next() == Some("secrets") => "secrets".to_owned(),
        // Its processes call themselves `postgres: …`.
        name if name.starts_with(POSTGRES) => POSTGRES.to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_process_is_part_of_something() {
        for (command, expected) in [
            ("/opt/target/bin/wasmcloud_host", "host"),
            ("/opt/nats-server --jetstream", "nats"),
            ("/usr/bin/postgres -D /data", POSTGRES),
            ("postgres: ticketing_orders_app ticketing_orders", POSTGRES),
            (
                "/tmp/wasmcloudcache/N1/_opt_providers_outbox_relay_build_provider_outbox_relay_par_gz/x",
                "provider outbox-relay",
            ),
            ("/opt/target/bin/wadm", "wadm"),
            ("/opt/target/bin/ticketing secrets --nats-url x", "secrets"),
            ("/opt/target/bin/ticketing up --port 0", "ticketing"),
        ] {
            assert_eq!(part(command), expected, "{command}");
        }
    }

    #[test]
    fn only_what_was_used_in_between_counts() {
        let at =
            |milliseconds| ByPart::from([("host".to_owned(), Duration::from_millis(milliseconds))]);
        assert_eq!(between(&at(10), &at(30)), at(20));
        assert_eq!(between(&ByPart::new(), &at(30)), at(30));
    }

    #[test]
    fn this_process_uses_some() {
        let this = i32::try_from(std::process::id()).unwrap();
        assert!(memory(this).values().sum::<u64>() > 0);
        assert_eq!(processor_time(this).len(), 1);
    }
}
