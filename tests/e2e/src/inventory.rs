//! What the hosts of a lattice run, as they tell it themselves over the control interface.
use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::StreamExt as _;
use serde_json::Value;
use tokio::time::timeout;

const CONTROL: &str = "wasmbus.ctl.v1.default.host";
/// Hosts that have not answered by then are not there.
const ANSWERS: Duration = Duration::from_secs(2);

/// What one host runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inventory {
    /// The host's id.
    pub host: String,
    /// The ids of the components.
    pub components: BTreeSet<String>,
    /// The ids of the providers, those inside the host included.
    pub providers: BTreeSet<String>,
}

/// What every host of the lattice runs, in the order of their ids.
///
/// # Errors
/// When NATS cannot be reached.
pub async fn inventories(nats: &str) -> Result<Vec<Inventory>> {
    let client = async_nats::connect(nats).await?;
    let inbox = client.new_inbox();
    let mut answers = client.subscribe(inbox.clone()).await?;
    client
        .publish_with_reply(format!("{CONTROL}.ping"), inbox, "".into())
        .await?;
    let mut hosts = BTreeSet::new();
    while let Ok(Some(answer)) = timeout(ANSWERS, answers.next()).await {
        if let Some(id) = text(&answer.payload, "id") {
            hosts.insert(id);
        }
    }
    let mut all = Vec::new();
    for host in hosts {
        let question = client.request(format!("{CONTROL}.get.{host}"), "".into());
        // One that has answered and is gone is not there.
        let Ok(Ok(answer)) = timeout(ANSWERS, question).await else {
            continue;
        };
        let answer: Value = serde_json::from_slice(&answer.payload).context("an inventory")?;
        let inventory = &answer["response"];
        all.push(Inventory {
            host,
            components: ids(&inventory["components"]),
            providers: ids(&inventory["providers"]),
        });
    }
    Ok(all)
}

fn text(payload: &[u8], name: &str) -> Option<String> {
    let answer: Value = serde_json::from_slice(payload).ok()?;
    Some(answer["response"][name].as_str()?.to_owned())
}

fn ids(list: &Value) -> BTreeSet<String> {
    let all = list.as_array().into_iter().flatten();
    all.filter_map(|one| Some(one["id"].as_str()?.to_owned()))
        .collect()
}
