//! wadm's API over NATS: put a version of the manifest, then deploy it.
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use async_nats::Client;
use serde::Deserialize;
use serde_json::json;
use tokio::time::timeout;

use super::{LATTICE, Manifest};

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Deserialize)]
struct Answer {
    result: String,
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
    let version = json!({ "version": manifest.version }).to_string();
    let deployed = call(client, &format!("deploy.{}", manifest.name), version).await?;
    ensure!(
        deployed.result == "acknowledged",
        "wadm does not deploy: {}",
        deployed.message
    );
    Ok(())
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
