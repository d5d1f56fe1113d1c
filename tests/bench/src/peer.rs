//! The system to compare with, when it is started here: on the very servers that the shop uses, so that both write with
//! the same durability.
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use e2e::{Endpoints, Process};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::client::Visitor;

/// To install its dependencies and start.
const START: Duration = Duration::from_secs(180);
const STOP: Duration = Duration::from_secs(15);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// The key under which the peer asks Stripe.
const STRIPE_KEY: &str = "sk_test";

/// A peer that runs; what is left of it when it is dropped is killed.
pub struct Peer {
    process: Child,
    /// Its own, so that neither system waits for the webhooks of the other.
    _stripe: Child,
}

impl Peer {
    /// Runs `command` with `PGURL` (the server, without a database), `NATS_URL` (`host:port`) and `STRIPE_API_BASE`, a
    /// double of its own.
    ///
    /// # Errors
    /// When it cannot be run, or the lattice does not say where its database is.
    pub async fn start(command: &str, endpoints: &Endpoints) -> Result<Self> {
        let server = endpoints.postgres.as_deref();
        let mut server =
            Url::parse(server.context("a lattice that does not say where its database is")?)?;
        server.set_path("");
        let (stripe, stripe_url) = stripe_double().await?;
        let process = Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .env("PGURL", server.as_str().trim_end_matches('/'))
            .env("NATS_URL", &endpoints.nats)
            .env("STRIPE_API_BASE", stripe_url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("running {command}"))?;
        Ok(Self {
            process,
            _stripe: stripe,
        })
    }

    /// Asks it to end, and sees to it that all it has started ends with it.
    ///
    /// # Errors
    /// When it does not.
    pub async fn stop(mut self) -> Result<()> {
        let pid = self.process.id().and_then(|id| i32::try_from(id).ok());
        let pid = pid
            .and_then(Pid::from_raw)
            .context("the peer has ended by itself")?;
        let family = Process::descendants(pid.as_raw_nonzero().get());
        kill_process(pid, Signal::TERM)?;
        let ended = timeout(STOP, self.process.wait()).await;
        for process in family {
            process.kill();
        }
        ended.context("the peer does not stop")??;
        Ok(())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let pid = self.process.id().and_then(|id| i32::try_from(id).ok());
        for process in pid.map(Process::descendants).unwrap_or_default() {
            process.kill();
        }
    }
}

/// A double of Stripe that tells nobody of anything, and its address.
async fn stripe_double() -> Result<(Child, String)> {
    let ticketing = std::env::var("TICKETING_BIN").context("TICKETING_BIN is not set")?;
    let program = Path::new(&ticketing).with_file_name("stripe-double");
    let mut child = Command::new(&program)
        // A peer may confirm as it creates, and name no page to come back to.
        .arg("--cards-only")
        .env("STRIPE_DOUBLE_SECRET_KEY", STRIPE_KEY)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("running {}", program.display()))?;
    let output = child.stdout.take().context("no standard output")?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).await?;
    let url = line
        .trim()
        .rsplit(' ')
        .next()
        .unwrap_or_default()
        .to_owned();
    ensure!(
        url.starts_with("http://"),
        "the double of Stripe did not start"
    );
    Ok((child, url))
}

/// A path of every service that serves requests.
const PATHS: [&str; 4] = [
    "/api/users/currentuser",
    "/api/tickets",
    "/api/orders",
    "/api/payments",
];

/// Waits until every service of the system at `authority` answers, if only to say who may not.
///
/// # Errors
/// When it does not in three minutes.
pub async fn answers(authority: &str) -> Result<()> {
    let until = Instant::now() + START;
    let mut visitor = Visitor::new(authority)?;
    for path in PATHS {
        while !visitor
            .look(path)
            .await
            .is_ok_and(|answer| !answer.status.is_server_error())
        {
            if Instant::now() > until {
                bail!("no system with the contract answers at {authority}");
            }
            sleep(LOOK_AGAIN_AFTER).await;
        }
    }
    Ok(())
}
