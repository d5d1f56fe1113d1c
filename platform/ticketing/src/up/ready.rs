//! Waits until the shop answers that everything in it works.
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use async_nats::Client;
use tokio::time::{Instant, sleep};

use super::Running;
use crate::lattice;
use crate::process::{Child, Restart, last_line};

/// Compiling the components for this processor takes most of it on a slow machine.
const LIMIT: Duration = Duration::from_secs(150);
/// Several hosts compile them on the same processors.
const LIMIT_PER_FURTHER_HOST: Duration = Duration::from_secs(60);
const ASK_EVERY: Duration = Duration::from_millis(200);
const TELL_EVERY: Duration = Duration::from_secs(10);
/// A start takes 10 to 20 s, and longer on a busy machine; a wadm that is started anew in between begins again.
const NUDGE_EVERY: Duration = Duration::from_secs(40);
/// A host that ended this often will not come up.
const TRIES: u32 = 4;

/// wadm misses the event of a deployment now and then, on a NATS that is new; started anew it compares everything.
pub struct Nudge<'a> {
    pub client: &'a Client,
    /// The hosts' ids.
    pub hosts: &'a [String],
    pub wadm: &'a Restart,
}

/// Asks `GET /healthz` of every host, then of the shop, until it is 200, saying now and then what is missing.
///
/// # Errors
/// When that takes too long, or a host keeps ending.
pub async fn wait(origins: &[String], running: &Running, nudge: &Nudge<'_>) -> Result<()> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .no_proxy()
        .build()
        .context("cannot make an HTTP client")?;
    let further = u32::try_from(nudge.hosts.len().saturating_sub(1)).unwrap_or_default();
    let limit = LIMIT + LIMIT_PER_FURTHER_HOST * further;
    let before: Vec<u32> = running.hosts.iter().map(Child::ends).collect();
    let mut waited_for = origins.iter();
    let mut origin = waited_for.next();
    let deadline = Instant::now() + limit;
    let mut tell = Instant::now() + TELL_EVERY;
    let mut look = Instant::now() + NUDGE_EVERY;
    loop {
        let Some(asked) = origin else {
            return Ok(());
        };
        let reason = match ask(&client, &format!("{asked}/healthz")).await {
            Ok(()) => {
                origin = waited_for.next();
                continue;
            }
            Err(reason) if origins.len() > 1 => format!("{asked}: {reason:#}"),
            Err(reason) => format!("{reason:#}"),
        };
        let mut hosts = running.hosts.iter().zip(&before);
        if let Some((host, _)) = hosts.find(|(host, before)| host.ends() >= *before + TRIES) {
            let said = last_line(&host.log).unwrap_or_default();
            bail!(
                "{} does not start: {said} (all of it in {})",
                host.name,
                host.log.display()
            );
        }
        let now = Instant::now();
        if now > deadline {
            let logs = running
                .hosts
                .first()
                .map(|host| host.log.display().to_string())
                .unwrap_or_default();
            bail!(
                "not ready after {} s: {reason} (see {logs})",
                limit.as_secs()
            );
        }
        if now > tell {
            eprintln!("waiting: {reason}");
            tell = now + TELL_EVERY;
        }
        if now > look {
            for host in nudge.hosts {
                if lattice::is_idle(nudge.client, host).await {
                    nudge.wadm.ask();
                    break;
                }
            }
            look = now + NUDGE_EVERY;
        }
        sleep(ASK_EVERY).await;
    }
}

async fn ask(client: &reqwest::Client, url: &str) -> Result<()> {
    let response = client
        .get(url)
        .send()
        .await
        .context("the ingress does not answer yet")?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let text = response.text().await.unwrap_or_default();
    bail!("{status} {}", text.trim())
}
