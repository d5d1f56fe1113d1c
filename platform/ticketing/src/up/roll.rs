//! Host after host started anew: each then runs what was built last, and its own program, too. Of several hosts the others
//! answer meanwhile: nobody is sent to one that is about to stop, and what it has begun it finishes.
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::control::Asker;
use super::{Started, ready};
use crate::process::Child;

/// Longer than any request may take inside.
const FINISH: Duration = Duration::from_secs(45);
/// From all of it working to being asked again.
const ASKED_AGAIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Starts every host anew, telling `asker` what it does. Gives a summary.
///
/// # Errors
/// When a host's requests do not end, or it does not work again; the hosts behind it are left as they are.
pub async fn all(started: &Started<'_>, asker: &mut Asker) -> Result<String> {
    let began = Instant::now();
    let hosts = &started.running.hosts;
    if started.running.balancer.is_none() {
        let alone = "the only host starts anew: the shop does not answer until it is back (with `up --hosts 2` it would)";
        asker.tell(alone).await;
    }
    for (number, host) in hosts.iter().enumerate() {
        let begin = Instant::now();
        asker.tell(&format!("{} starts anew", host.name)).await;
        one(started, number, host)
            .await
            .with_context(|| format!("{} was to start anew", host.name))?;
        let seconds = begin.elapsed().as_secs_f32();
        asker
            .tell(&format!("{} works again after {seconds:.1} s", host.name))
            .await;
    }
    let seconds = began.elapsed().as_secs_f32();
    Ok(match hosts.len() {
        1 => format!("the host runs what was built last ({seconds:.1} s)"),
        count => format!("{count} hosts run what was built last ({seconds:.1} s)"),
    })
}

async fn one(started: &Started<'_>, number: usize, host: &Child) -> Result<()> {
    let balancer = started.running.balancer.as_ref();
    if let Some(balancer) = balancer {
        balancer.hold(number, FINISH).await?;
    }
    host.start_anew().await;
    if balancer.is_none() {
        // A wadm that sees its only host go and come expects providers that it told nobody to start, for a minute.
        started.wadm.ask();
    }
    let works = works(started, number).await;
    if let Some(balancer) = balancer {
        balancer.release(number);
        works?;
        let deadline = Instant::now() + ASKED_AGAIN;
        while !balancer.sends_to(number) {
            if Instant::now() > deadline {
                anyhow::bail!("the balancer does not find that it works");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        return Ok(());
    }
    works
}

async fn works(started: &Started<'_>, number: usize) -> Result<()> {
    let place = started.hosts.get(number).context("no such host")?;
    let nudge = ready::Nudge {
        client: &started.client,
        hosts: std::slice::from_ref(&place.id),
        wadm: &started.wadm,
    };
    let origins = std::slice::from_ref(&place.origin);
    ready::wait(origins, started.running, &nudge).await
}
