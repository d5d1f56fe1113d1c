//! What another process may ask of a running `up`: a socket in its data folder, for its owner alone. A question is a line; the
//! answer is lines that say what is done, and a last one that says how it ended.
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};

use super::{Started, roll};

/// Restart the hosts one by one.
pub const ROLL: &str = "roll";

/// The last line's beginnings.
const DONE: &str = "done: ";
const FAILED: &str = "failed: ";

/// Where to tell what is done: whoever has asked, and everybody who reads this process's output.
pub struct Asker(OwnedWriteHalf);

impl Asker {
    pub async fn tell(&mut self, what: &str) {
        eprintln!("{what}");
        self.write(what).await;
    }

    /// Somebody who has gone away changes nothing.
    async fn write(&mut self, line: &str) {
        let _gone = self.0.write_all(format!("{line}\n").as_bytes()).await;
    }
}

/// Listens at `path`.
///
/// # Errors
/// When it cannot be made, for example because the path is longer than a socket's may be.
pub fn listen(path: &Path) -> Result<UnixListener> {
    let failed = || format!("cannot listen at {}", path.display());
    // Of a start before this one; the data folder's lock says that nobody listens there.
    if path.exists() {
        fs::remove_file(path).with_context(failed)?;
    }
    let listener = UnixListener::bind(path).with_context(failed)?;
    fs::set_permissions(path, Permissions::from_mode(0o600)).with_context(failed)?;
    Ok(listener)
}

/// Answers one after the other, for ever.
pub async fn serve(listener: &UnixListener, started: &Started<'_>) {
    loop {
        // A connection that breaks before it asks is none.
        if let Ok((stream, _)) = listener.accept().await {
            answer(stream, started).await;
        }
    }
}

async fn answer(stream: UnixStream, started: &Started<'_>) {
    let (reader, writer) = stream.into_split();
    let mut asker = Asker(writer);
    let question = BufReader::new(reader).lines().next_line().await;
    let outcome = match question.ok().flatten().as_deref() {
        Some(ROLL) => roll::all(started, &mut asker).await,
        _ => Err(anyhow::anyhow!("this up does not know the question")),
    };
    match outcome {
        Ok(what) => asker.write(&format!("{DONE}{what}")).await,
        Err(error) => asker.write(&format!("{FAILED}{error:#}")).await,
    }
}

/// Asks the `up` that listens at `path`, printing what it does.
///
/// # Errors
/// When nobody listens, or with the reason why it did not do it.
pub async fn ask(path: &Path, question: &str) -> Result<()> {
    let mut stream = UnixStream::connect(path)
        .await
        .with_context(|| format!("cannot ask the running up at {}", path.display()))?;
    stream.write_all(format!("{question}\n").as_bytes()).await?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some(reason) = line.strip_prefix(FAILED) {
            bail!("{reason}");
        }
        match line.strip_prefix(DONE) {
            Some(what) => {
                println!("{what}");
                return Ok(());
            }
            None => println!("{line}"),
        }
    }
    bail!("up ended before it was done")
}
