//! The system to compare with, when it is started here: on the very servers that the shop uses, so that both write with
//! the same durability.
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use e2e::{Endpoints, Process};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::client::Visitor;

/// To install its dependencies and start.
const START: Duration = Duration::from_secs(180);
const STOP: Duration = Duration::from_secs(15);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(250);

/// A peer that runs; what is left of it when it is dropped is killed.
pub struct Peer(Child);

impl Peer {
    /// Runs `command` with `PGURL` (the server, without a database), `NATS_URL` (`host:port`) and `STRIPE_API_BASE`.
    ///
    /// # Errors
    /// When it cannot be run, or the lattice does not say where its database is.
    pub fn start(command: &str, endpoints: &Endpoints) -> Result<Self> {
        let server = endpoints.postgres.as_deref();
        let mut server =
            Url::parse(server.context("a lattice that does not say where its database is")?)?;
        server.set_path("");
        let child = Command::new("sh")
            .args(["-c", &format!("exec {command}")])
            .env("PGURL", server.as_str().trim_end_matches('/'))
            .env("NATS_URL", &endpoints.nats)
            .env(
                "STRIPE_API_BASE",
                endpoints.stripe.as_deref().unwrap_or_default(),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("running {command}"))?;
        Ok(Self(child))
    }

    /// Asks it to end, and sees to it that all it has started ends with it.
    ///
    /// # Errors
    /// When it does not.
    pub async fn stop(mut self) -> Result<()> {
        let pid = self.0.id().and_then(|id| i32::try_from(id).ok());
        let pid = pid
            .and_then(Pid::from_raw)
            .context("the peer has ended by itself")?;
        let family = Process::descendants(pid.as_raw_nonzero().get());
        kill_process(pid, Signal::TERM)?;
        let ended = timeout(STOP, self.0.wait()).await;
        for process in family {
            process.kill();
        }
        ended.context("the peer does not stop")??;
        Ok(())
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let pid = self.0.id().and_then(|id| i32::try_from(id).ok());
        for process in pid.map(Process::descendants).unwrap_or_default() {
            process.kill();
        }
    }
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
