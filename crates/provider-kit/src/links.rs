//! A host tells a provider of its links at the start and of each new one as it is put, and does not ask whether anybody
//! listens: one that is put while the provider starts, or while it has lost its connection, never arrives, and nobody
//! says it again. So a provider asks the lattice which links there are.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use tokio::time::sleep;
use tracing::{debug, info, warn};
use wasmcloud_control_interface::{Client, ClientBuilder, Link};
use wasmcloud_core::{InterfaceLinkDefinition, link_put_subject};
use wasmcloud_provider_sdk::provider::ProviderConnection;

/// First and longest pause between two questions: often at first, while an application is being deployed.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));
const PATIENCE: Duration = Duration::from_secs(5);
/// How hosts name a configuration that is a secret, which only they can resolve.
const SECRET: &str = "SECRET_";

/// Asks for as long as the process lives. A link that never arrived is handed to the SDK as the host would have done,
/// which ignores those that it knows. Call it once the SDK listens: when `run_provider` has returned.
///
/// Where providers may not use the lattice's control interface, everything stays as it would be without.
pub fn ask_for_links(connection: &'static ProviderConnection) {
    tokio::spawn(async move {
        let control = ClientBuilder::new(connection.nats.as_ref().clone())
            .lattice(connection.lattice.to_string())
            .timeout(PATIENCE)
            .build();
        let mut seen = Seen::default();
        let (mut pause, longest) = PAUSE;
        loop {
            sleep(pause).await;
            if let Err(error) = ask(connection, &control, &mut seen).await {
                debug!(%error, "the lattice does not tell this provider's links");
            }
            pause = (pause * 2).min(longest);
        }
    });
}

/// Which link this is: source, target, name, namespace and package.
type Key = (String, String, String, String, String);

/// What earlier answers have told.
#[derive(Default)]
struct Seen {
    /// Links that were unknown here at the last answer. A host forgets a deleted link a moment after it has told the
    /// provider, so only one that is unknown twice has never arrived.
    unknown: HashSet<Key>,
    /// Links that were handed to the SDK; it does not remember all of them.
    handed_over: HashSet<Key>,
}

async fn ask(connection: &ProviderConnection, control: &Client, seen: &mut Seen) -> Result<()> {
    let answer = control.get_links().await.map_err(|error| anyhow!(error))?;
    let links = answer.into_data().context("no links in the answer")?;
    let me = connection.provider_key();
    let mine: Vec<&Link> = links
        .iter()
        .filter(|link| link.source_id() == me || link.target() == me)
        .collect();
    // One that was deleted may be put again.
    seen.handed_over
        .retain(|key| mine.iter().any(|link| key_of(link) == *key));
    let unknown_before = std::mem::take(&mut seen.unknown);
    for link in mine {
        let key = key_of(link);
        if seen.handed_over.contains(&key) || is_known(connection, link).await {
            continue;
        }
        if !unknown_before.contains(&key) {
            seen.unknown.insert(key);
            continue;
        }
        match definition(control, me, link).await {
            Ok(definition) => {
                info!(
                    source = link.source_id(),
                    target = link.target(),
                    name = link.name(),
                    "taking a link that never arrived"
                );
                let subject =
                    link_put_subject(&connection.lattice, &connection.provider_xkey.public_key());
                let message = serde_json::to_vec(&definition)?;
                connection.nats.publish(subject, message.into()).await?;
                seen.handed_over.insert(key);
            }
            Err(error) => warn!(
                source = link.source_id(),
                target = link.target(),
                name = link.name(),
                %error,
                "cannot take a link that never arrived"
            ),
        }
    }
    Ok(())
}

fn key_of(link: &Link) -> Key {
    (
        link.source_id().to_owned(),
        link.target().to_owned(),
        link.name().to_owned(),
        link.wit_namespace().to_owned(),
        link.wit_package().to_owned(),
    )
}

async fn is_known(connection: &ProviderConnection, link: &Link) -> bool {
    connection
        .is_linked(
            link.source_id(),
            link.target(),
            link.wit_namespace(),
            link.wit_package(),
            link.name(),
        )
        .await
}

/// The link as a host sends it, with the configuration of this provider's end.
async fn definition(control: &Client, me: &str, link: &Link) -> Result<InterfaceLinkDefinition> {
    let mut definition = InterfaceLinkDefinition {
        source_id: link.source_id().to_owned(),
        target: link.target().to_owned(),
        name: link.name().to_owned(),
        wit_namespace: link.wit_namespace().to_owned(),
        wit_package: link.wit_package().to_owned(),
        interfaces: link.interfaces().clone(),
        ..InterfaceLinkDefinition::default()
    };
    if link.source_id() == me {
        definition.source_config = properties(control, link.source_config()).await?;
    } else {
        definition.target_config = properties(control, link.target_config()).await?;
    }
    Ok(definition)
}

/// The properties of several configurations; a later one wins, as at a host.
async fn properties(control: &Client, names: &[String]) -> Result<HashMap<String, String>> {
    let mut all = HashMap::new();
    for name in names {
        if name.starts_with(SECRET) {
            return Err(anyhow!("{name} is a secret, which only a host can give"));
        }
        let answer = control
            .get_config(name)
            .await
            .map_err(|error| anyhow!(error))?;
        all.extend(
            answer
                .into_data()
                .with_context(|| format!("there is no configuration {name}"))?,
        );
    }
    Ok(all)
}
