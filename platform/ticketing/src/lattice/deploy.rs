//! wadm's API over NATS: put a version of the manifest, then deploy it.
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use async_nats::Client;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::{LATTICE, Manifest};

const PATIENCE: Duration = Duration::from_secs(10);

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// wadm acknowledges a deployment before it looks at it, and tells the last one's status until then.
const SETTLED: Duration = Duration::from_secs(3);

#[derive(Deserialize)]
struct Answer {
    result: String,
    #[serde(default)]
    message: String,
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Status {
    status: StatusInfo,
}

/// Whether an application is as its manifest says.
#[derive(Deserialize)]
struct StatusInfo {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    message: String,
}

/// Deploys the manifest; hosts start its parts in the background.
///
/// # Errors
/// When wadm does not answer or refuses the manifest.
pub async fn deploy(client: &Client, manifest: &Manifest) -> Result<()> {
    let put = call(client, "put", manifest.text.clone()).await?;
    // A version is a digest: one that is there already is the same.
    let known = put.message.contains("already exists");
    ensure!(
        put.result != "error" || known,
        "wadm refuses wadm.yaml: {}",
        put.message
    );
    deploy_version(client, &manifest.name, &manifest.version).await
}

/// Deploys a version that wadm knows already.
///
/// # Errors
/// When wadm does not answer, or does not know it.
pub async fn deploy_version(client: &Client, application: &str, version: &str) -> Result<()> {
    let version = json!({ "version": version }).to_string();
    let deployed = call(client, &format!("deploy.{application}"), version).await?;
    ensure!(
        deployed.result == "acknowledged",
        "wadm does not deploy: {}",
        deployed.message
    );
    Ok(())
}

/// Waits until wadm has found everything that the deployed version asks for.
///
/// # Errors
/// With wadm's own words when that takes longer than `limit`, or cannot be.
pub async fn deployed(client: &Client, application: &str, limit: Duration) -> Result<()> {
    let deadline = Instant::now() + limit;
    let mut since = None;
    loop {
        let answer = call(client, &format!("status.{application}"), String::new()).await?;
        let StatusInfo { kind, message } = answer.status.context("wadm tells no status")?.status;
        match kind.as_str() {
            "deployed" if since.get_or_insert_with(Instant::now).elapsed() >= SETTLED => {
                return Ok(());
            }
            "deployed" => {}
            "failed" => bail!("wadm cannot deploy {application}: {message}"),
            _ if Instant::now() > deadline => {
                let seconds = limit.as_secs();
                bail!("{application} is {kind} after {seconds} s: {message}")
            }
            _ => since = None,
        }
        sleep(LOOK_EVERY).await;
    }
}

/// Whether wadm serves its API yet.
///
/// # Errors
/// When it does not.
pub async fn wadm_answers(client: &Client) -> Result<()> {
    let subject = format!("wadm.api.{LATTICE}.model.get");
    timeout(Duration::from_secs(1), client.request(subject, "".into()))
        .await
        .context("no answer")?
        .map(drop)
        .context("wadm's API")
}

async fn call(client: &Client, operation: &str, body: String) -> Result<Answer> {
    let subject = format!("wadm.api.{LATTICE}.model.{operation}");
    let message = timeout(PATIENCE, client.request(subject, body.into()))
        .await
        .with_context(|| format!("wadm does not answer {operation}"))?
        .with_context(|| format!("cannot ask wadm to {operation}"))?;
    serde_json::from_slice(&message.payload)
        .with_context(|| format!("wadm's answer to {operation}"))
}
