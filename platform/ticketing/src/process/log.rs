//! A child's log file: what it said last is the best reason for its end.
use std::fs::{self, File};
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use anyhow::{Context as _, Result};

/// How much of the end is looked at, in bytes.
const TAIL: u64 = 4096;

/// Starts a new log and keeps the last start's as `<name>.log.old`.
///
/// # Errors
/// When the folder cannot be written.
pub fn rotate(log: &Path) -> Result<()> {
    if log.exists() {
        fs::rename(log, log.with_extension("log.old"))
            .with_context(|| format!("cannot rename {}", log.display()))?;
    }
    Ok(())
}

/// The last line that is not empty.
pub fn last_line(log: &Path) -> Option<String> {
    let mut file = File::open(log).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL)))
        .ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    let text = String::from_utf8_lossy(&tail);
    text.lines()
        .map(str::trim)
        .rfind(|line| !line.is_empty())
        .map(str::to_owned)
}
