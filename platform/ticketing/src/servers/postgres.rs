//! A PostgreSQL server of our own. It refuses to run as root, so for root it runs as another user: in a user namespace
//! where root's files belong to that user, else as the system's user `postgres`.
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::Signal;
use tokio::process::Command;
use url::Url;

use crate::data::Data;
use crate::process::{Program, which};

/// Enough for every pool of the services, the relay and a person with psql; a host takes 110 at most.
const CONNECTIONS: usize = 300;
const CONNECTIONS_PER_HOST: usize = 120;

/// A server that is ready to be started.
pub struct Postgres {
    pub program: Program,
    /// As its administrator.
    pub url: Url,
}

/// Prepares the server, making its database cluster at the first start.
///
/// # Errors
/// When the programs are missing or the cluster cannot be made.
pub async fn prepare(
    given: Option<&Path>,
    data: &Data,
    port: u16,
    password: &str,
    hosts: usize,
) -> Result<Postgres> {
    let programs = find(given)?;
    let user = user(data).await?;
    if !data.postgres().join("PG_VERSION").is_file() {
        initialise(&programs, data, &user, password).await?;
    }
    user.own(&data.postgres()).await?;
    let mut program = Program::new("postgres", programs.join("postgres"))
        .arg("-D")
        .arg(data.postgres())
        .through(&user.wrapper)
        // "Fast": running statements are cancelled, what was committed is written.
        .stopped_by(Signal::INT, Duration::from_secs(10));
    let connections = CONNECTIONS.max(CONNECTIONS_PER_HOST * (hosts + 1));
    let settings = [
        ("listen_addresses", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("unix_socket_directories", String::new()),
        ("max_connections", connections.to_string()),
        ("fsync", "on".to_owned()),
        ("synchronous_commit", "on".to_owned()),
    ];
    for (name, value) in settings {
        program = program.arg("-c").arg(format!("{name}={value}"));
    }
    let mut url = Url::parse("postgres://postgres@127.0.0.1/postgres").context("a fixed URL")?;
    url.set_port(Some(port))
        .ok()
        .context("a fixed URL takes a port")?;
    url.set_password(Some(password))
        .ok()
        .context("a fixed URL takes a password")?;
    Ok(Postgres { program, url })
}

/// The folder with `postgres` and `initdb`: the given one, that on `PATH`, else Debian's newest.
fn find(given: Option<&Path>) -> Result<PathBuf> {
    let complete = |folder: &PathBuf| {
        ["postgres", "initdb"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    debian.sort();
    let on_path = which("postgres").and_then(|path| Some(path.parent()?.to_path_buf()));
    given
        .map(Path::to_path_buf)
        .into_iter()
        .chain(on_path)
        .chain(debian.into_iter().rev().map(|(_, folder)| folder))
        .find(complete)
        .context("no PostgreSQL; run `cargo xtask up`, which installs it, or set TICKETING_POSTGRES_BIN or DATABASE_URL")
}

/// Made beside its final place, so that one that was interrupted is never taken for a whole one.
async fn initialise(programs: &Path, data: &Data, user: &User, password: &str) -> Result<()> {
    eprintln!("creating the database cluster");
    let draft = data.postgres().with_extension("new");
    if draft.exists() {
        fs::remove_dir_all(&draft).context("cannot remove an unfinished database cluster")?;
    }
    fs::create_dir(&draft).context("cannot create the database folder")?;
    let password_file = draft.with_extension("password");
    let _ = fs::remove_file(&password_file);
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&password_file)
        .and_then(|mut file| writeln!(file, "{password}"))
        .context("cannot write initdb's password file")?;
    user.own(&draft).await?;
    user.own(&password_file).await?;
    let mut line = user.wrapper.clone();
    line.push(programs.join("initdb").display().to_string());
    let (first, rest) = line.split_first().context("an empty command")?;
    let output = Command::new(first)
        .args(rest)
        .arg("-D")
        .arg(&draft)
        .args([
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ])
        .arg(format!("--pwfile={}", password_file.display()))
        .output()
        .await
        .context("cannot run initdb")?;
    fs::remove_file(&password_file).context("cannot remove initdb's password file")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "initdb failed: {}", said.trim());
    fs::rename(&draft, data.postgres()).context("cannot move the new database cluster into place")
}

/// As whom the server runs.
struct User {
    /// The command that becomes it; empty for the user of this process.
    wrapper: Vec<String>,
    /// Whom its files must belong to, when that is another user.
    owner: Option<&'static str>,
}

impl User {
    async fn own(&self, path: &Path) -> Result<()> {
        let Some(owner) = self.owner else {
            return Ok(());
        };
        let status = Command::new("chown")
            .arg("-R")
            .arg(owner)
            .arg(path)
            .status()
            .await;
        ensure!(
            status.is_ok_and(|status| status.success()),
            "cannot give {} to {owner}",
            path.display()
        );
        Ok(())
    }
}

async fn user(data: &Data) -> Result<User> {
    if !rustix::process::geteuid().is_root() {
        return Ok(User {
            wrapper: Vec::new(),
            owner: None,
        });
    }
    let namespace = [
        "unshare",
        "--user",
        "--map-user=1000",
        "--map-group=1000",
        "--",
    ];
    if succeeds(&namespace, &["true"]).await {
        return Ok(User {
            wrapper: namespace.map(str::to_owned).to_vec(),
            owner: None,
        });
    }
    let postgres = [
        "setpriv",
        "--reuid=postgres",
        "--regid=postgres",
        "--init-groups",
        "--",
    ];
    let folder = data.temporary().display().to_string();
    if !succeeds(&postgres, &["true"]).await {
        bail!(
            "PostgreSQL refuses to run as root, and there is neither a user namespace nor a user postgres to run it as"
        );
    }
    if !succeeds(&postgres, &["test", "-x", &folder]).await {
        bail!(
            "PostgreSQL runs as user postgres, who cannot enter {folder}; give a --data-dir that everyone may pass through"
        );
    }
    Ok(User {
        wrapper: postgres.map(str::to_owned).to_vec(),
        owner: Some("postgres"),
    })
}

async fn succeeds(wrapper: &[&str], command: &[&str]) -> bool {
    let mut line = wrapper.iter().chain(command);
    let Some(first) = line.next() else {
        return false;
    };
    let output = Command::new(first).args(line).output().await;
    output.is_ok_and(|output| output.status.success())
}
