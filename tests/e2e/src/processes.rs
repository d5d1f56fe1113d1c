//! Processes as the kernel lists them (/proc): who is whose child, and who is still there.
use std::collections::HashSet;
use std::fs;
use std::path::Path;

/// A process, told apart from a later one that got the same id by the time it started.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Process {
    /// Its id.
    pub pid: i32,
    /// Its parent's id when it was looked at.
    pub parent: i32,
    /// Clock ticks between boot and its start.
    started: u64,
    /// Its command line, arguments separated by blanks.
    pub command: String,
}

impl Process {
    /// The processes that run now. Those that have ended and only wait for their parent are not.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let Ok(entries) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        entries
            .filter_map(Result::ok)
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(Self::read)
            .collect()
    }

    fn read(pid: i32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in parentheses may contain anything, blanks too: fields count from behind it.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        if matches!(*fields.first()?, "Z" | "X") {
            return None;
        }
        let command = fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        Some(Self {
            pid,
            parent: fields.get(1)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
            command: String::from_utf8_lossy(&command)
                .replace('\0', " ")
                .trim()
                .to_owned(),
        })
    }

    /// The direct children of `parent`.
    #[must_use]
    pub fn children(parent: i32) -> Vec<Self> {
        Self::all()
            .into_iter()
            .filter(|process| process.parent == parent)
            .collect()
    }

    /// All that `ancestor` started, and what those started.
    #[must_use]
    pub fn descendants(ancestor: i32) -> Vec<Self> {
        let all = Self::all();
        let mut known = HashSet::from([ancestor]);
        let mut found = Vec::new();
        loop {
            let more: Vec<_> = all
                .iter()
                .filter(|process| known.contains(&process.parent) && !known.contains(&process.pid))
                .cloned()
                .collect();
            if more.is_empty() {
                return found;
            }
            known.extend(more.iter().map(|process| process.pid));
            found.extend(more);
        }
    }

    /// The processes that work with the folder `data`: they name it in their arguments or
    /// environment, or stand in it.
    #[must_use]
    pub fn working_with(data: &Path) -> Vec<Self> {
        let needle = data.to_string_lossy().into_owned();
        let names = |process: &Self| {
            let pid = process.pid;
            process.command.contains(&needle)
                || fs::read(format!("/proc/{pid}/environ"))
                    .is_ok_and(|text| String::from_utf8_lossy(&text).contains(&needle))
                || fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd.starts_with(data))
        };
        let this = i32::try_from(std::process::id()).unwrap_or_default();
        Self::all()
            .into_iter()
            .filter(|process| process.pid != this && names(process))
            .collect()
    }

    /// Whether it still runs.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        Self::read(self.pid).is_some_and(|now| now.started == self.started)
    }

    /// Holds it still (SIGSTOP) until [`Process::go_on`].
    pub fn pause(&self) {
        self.signal(rustix::process::Signal::STOP);
    }

    /// Lets it go on (SIGCONT).
    pub fn go_on(&self) {
        self.signal(rustix::process::Signal::CONT);
    }

    /// Asks it to end (SIGTERM), as an operator does.
    pub fn end(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Asks it to end at once (SIGINT): to Postgres SIGTERM means to wait until its clients have left.
    pub fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    /// Ends it without giving it a chance to clean up (SIGKILL). Nothing happens when it is gone.
    pub fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let (true, Some(pid)) = (self.is_alive(), rustix::process::Pid::from_raw(self.pid)) {
            let _gone_already = rustix::process::kill_process(pid, signal);
        }
    }
}
