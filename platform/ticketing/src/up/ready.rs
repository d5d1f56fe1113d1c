//! Waits until the shop answers that everything in it works.
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use async_nats::Client;
use tokio::time::{Instant, sleep};

use super::Running;
use crate::lattice;
use crate::process::{Restart, last_line};

/// Compiling the components for this processor takes most of it on a slow machine.
const LIMIT: Duration = Duration::from_secs(150);
const ASK_EVERY: Duration = Duration::from_millis(200);
const TELL_EVERY: Duration = Duration::from_secs(10);
/// A start takes 10 to 20 s, and longer on a busy machine; a wadm that is started anew in between begins again.
const NUDGE_EVERY: Duration = Duration::from_secs(40);
/// A host that ended this often will not come up.
const TRIES: u32 = 4;

/// wadm misses the event of a deployment now and then, on a NATS that is new; started anew it compares everything.
pub struct Nudge<'a> {
    pub client: &'a Client,
    /// A host's id.
    pub host: &'a str,
    pub wadm: &'a Restart,
}

/// Asks `GET /healthz` until it is 200, saying now and then what is missing.
///
/// # Errors
/// When that takes too long, or a host keeps ending.
pub async fn wait(shop: &str, running: &Running, nudge: &Nudge<'_>) -> Result<()> {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .no_proxy()
        .build()
        .context("cannot make an HTTP client")?;
    let url = format!("{shop}/healthz");
    let deadline = Instant::now() + LIMIT;
    let mut tell = Instant::now() + TELL_EVERY;
    let mut look = Instant::now() + NUDGE_EVERY;
    loop {
        let reason = match ask(&client, &url).await {
            Ok(()) => return Ok(()),
            Err(reason) => format!("{reason:#}"),
        };
        if let Some(host) = running.hosts.iter().find(|host| host.ends() >= TRIES) {
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
                LIMIT.as_secs()
            );
        }
        if now > tell {
            eprintln!("waiting: {reason}");
            tell = now + TELL_EVERY;
        }
        if now > look {
            if lattice::is_idle(nudge.client, nudge.host).await {
                nudge.wadm.ask();
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
