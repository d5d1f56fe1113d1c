//! The journal: one line of JSON per step, appended and synced before the step is answered.
//! Steps that arrive while the disk is busy share the next sync.

use super::Change;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use tokio::sync::oneshot;

/// Why the journal cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// The file could not be opened, read or written.
    #[error("journal {path}: {cause}")]
    Io { path: PathBuf, cause: String },
    /// Another process writes to it.
    #[error("journal {0} is in use by another process")]
    Locked(PathBuf),
    /// A line before the last cannot be read, so what follows it cannot be trusted.
    #[error("journal {path}, line {line}: {cause}")]
    Corrupt {
        path: PathBuf,
        line: usize,
        cause: String,
    },
    /// The writer has stopped after an earlier error.
    #[error("the journal is closed after an earlier error")]
    Closed,
}

struct Step {
    line: Vec<u8>,
    written: oneshot::Sender<Result<(), JournalError>>,
}

/// A step's place in the queue to the disk.
pub struct Written(oneshot::Receiver<Result<(), JournalError>>);

impl IntoFuture for Written {
    type Output = Result<(), JournalError>;
    type IntoFuture = std::pin::Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.0.await.unwrap_or(Err(JournalError::Closed)) })
    }
}

/// An open journal with its writer thread.
pub struct Journal {
    path: PathBuf,
    steps: Option<mpsc::Sender<Step>>,
    writer: Option<thread::JoinHandle<()>>,
}

impl Journal {
    /// Opens or creates the file, hands every kept step to `replay`, and cuts off a last line that a crash left torn.
    pub fn open(path: &Path, mut replay: impl FnMut(Vec<Change>)) -> Result<Self, JournalError> {
        let io = |cause: io::Error| JournalError::Io {
            path: path.to_owned(),
            cause: cause.to_string(),
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io)?;
        file.try_lock()
            .map_err(|_| JournalError::Locked(path.to_owned()))?;

        let mut reader = BufReader::new(&file);
        let mut sound = 0;
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(io)?;
            if length == 0 || line.last() != Some(&b'\n') {
                break;
            }
            let changes = serde_json::from_slice(&line).map_err(|cause| JournalError::Corrupt {
                path: path.to_owned(),
                line: number,
                cause: cause.to_string(),
            })?;
            replay(changes);
            sound += length as u64;
        }
        file.set_len(sound).map_err(io)?;
        file.seek(SeekFrom::Start(sound)).map_err(io)?;

        let (steps, queue) = mpsc::channel();
        let owned = path.to_owned();
        let writer = thread::Builder::new()
            .name("journal".into())
            .spawn(move || write(&file, &owned, &queue))
            .map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            steps: Some(steps),
            writer: Some(writer),
        })
    }

    /// Queues a step; the returned future ends when it and all before it are on the disk.
    pub fn append(&self, changes: &[Change]) -> Result<Written, JournalError> {
        let mut line = Vec::new();
        if !changes.is_empty() {
            serde_json::to_writer(&mut line, changes).map_err(|cause| JournalError::Io {
                path: self.path.clone(),
                cause: cause.to_string(),
            })?;
            line.push(b'\n');
        }
        let (written, outcome) = oneshot::channel();
        let steps = self.steps.as_ref().ok_or(JournalError::Closed)?;
        steps
            .send(Step { line, written })
            .map_err(|_| JournalError::Closed)?;
        Ok(Written(outcome))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        drop(self.steps.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

fn write(file: &File, path: &Path, queue: &mpsc::Receiver<Step>) {
    while let Ok(first) = queue.recv() {
        let steps: Vec<Step> = std::iter::once(first).chain(queue.try_iter()).collect();
        let lines: Vec<u8> = steps
            .iter()
            .flat_map(|step| step.line.iter().copied())
            .collect();
        let outcome = append(file, &lines).map_err(|cause| JournalError::Io {
            path: path.to_owned(),
            cause: cause.to_string(),
        });
        let failed = outcome.is_err();
        for step in steps {
            let _ = step.written.send(outcome.clone());
        }
        if failed {
            // What is on the disk now is unknown: writing on could bury a torn line in the middle.
            return;
        }
    }
}

fn append(mut file: &File, lines: &[u8]) -> io::Result<()> {
    if lines.is_empty() {
        // Steps that only looked: they waited for the ones before them.
        return Ok(());
    }
    file.write_all(lines)?;
    file.sync_data()
}
