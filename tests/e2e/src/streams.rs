//! Backing up streams and restoring them, as `nats account backup` and `restore` do.
//! The protocol: <https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-1.md> and the server's `jetstream_api.go`.
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use async_nats::Client;
use futures::StreamExt as _;
use serde_json::{Value, json};

/// Between two chunks, and until an answer.
const PATIENCE: Duration = Duration::from_secs(30);
const CHUNK_BYTES: usize = 128 * 1024;

/// A stream with its messages and its durable consumers.
#[derive(Debug)]
pub struct StreamBackup {
    /// Its name; a key-value bucket's begins with `KV_`.
    pub name: String,
    /// What the server needs besides: the stream's configuration and state.
    head: Value,
    chunks: Vec<Vec<u8>>,
}

impl StreamBackup {
    /// Backs up every stream of the server but those whose name `is_left_out`.
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub async fn of_all(nats: &str, is_left_out: impl Fn(&str) -> bool) -> Result<Vec<Self>> {
        let client = async_nats::connect(nats).await?;
        let listed = ask(&client, "STREAM.NAMES", &json!({})).await?;
        let names = listed["streams"].as_array().into_iter().flatten();
        let mut backups = Vec::new();
        for name in names.filter_map(Value::as_str) {
            if !is_left_out(name) {
                backups.push(Self::of(&client, name).await?);
            }
        }
        Ok(backups)
    }

    async fn of(client: &Client, name: &str) -> Result<Self> {
        let inbox = client.new_inbox();
        let mut arriving = client.subscribe(inbox.clone()).await?;
        let wish = json!({ "deliver_subject": inbox, "chunk_size": CHUNK_BYTES });
        let answer = ask(client, &format!("STREAM.SNAPSHOT.{name}"), &wish).await?;
        let mut chunks = Vec::new();
        loop {
            let message = tokio::time::timeout(PATIENCE, arriving.next())
                .await
                .with_context(|| format!("no more of {name}"))?
                .with_context(|| format!("the end of {name} is missing"))?;
            if message.payload.is_empty() {
                break;
            }
            if let Some(acknowledges) = message.reply {
                client.publish(acknowledges, Vec::new().into()).await?;
            }
            chunks.push(message.payload.to_vec());
        }
        Ok(Self {
            name: name.to_owned(),
            head: json!({ "config": answer["config"], "state": answer["state"] }),
            chunks,
        })
    }

    /// Makes the stream on another server, which has none of that name.
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub async fn restore(&self, nats: &str) -> Result<()> {
        let client = async_nats::connect(nats).await?;
        let begun = ask(
            &client,
            &format!("STREAM.RESTORE.{}", self.name),
            &self.head,
        )
        .await?;
        let to = begun["deliver_subject"]
            .as_str()
            .context("the server does not say where to")?;
        for chunk in &self.chunks {
            client.request(to.to_owned(), chunk.clone().into()).await?;
        }
        let end = client.request(to.to_owned(), Vec::new().into()).await?;
        accepted(&end.payload)?;
        Ok(())
    }
}

async fn ask(client: &Client, what: &str, wish: &Value) -> Result<Value> {
    let reply = client
        .request(format!("$JS.API.{what}"), wish.to_string().into())
        .await
        .with_context(|| format!("asking for {what}"))?;
    accepted(&reply.payload)
}

fn accepted(payload: &[u8]) -> Result<Value> {
    let answer: Value = serde_json::from_slice(payload)?;
    if !answer["error"].is_null() {
        bail!("{}", answer["error"]);
    }
    Ok(answer)
}
