//! Named configurations that are another for each installation, which the manifest names but does not hold. None is secret.
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use async_nats::Client;
use tokio::time::sleep;
use url::Url;

use super::backend::password_of;
use super::control;
use crate::secrets::Secrets;
use crate::services::SERVICES;
use crate::settings::Keys;

/// Properties by configuration.
type Configurations = BTreeMap<String, HashMap<String, String>>;

/// Between two looks for a host.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What configurations and secrets are made of.
pub struct Connections<'a> {
    /// The database server, as anybody.
    pub database: &'a Url,
    pub secrets: &'a Secrets,
    pub stripe: &'a Keys,
}

/// Puts all of them into the lattice; a host must be running to take them.
///
/// # Errors
/// When no host answers or one refuses.
pub async fn put(client: &Client, connections: &Connections<'_>) -> Result<()> {
    put_all(client, &all(connections)?).await
}

/// Puts all of them as soon as somebody starts a host.
///
/// # Errors
/// When they cannot be made; that a host refuses one is said on stderr.
pub fn put_in_time(client: &Client, connections: &Connections<'_>) -> Result<()> {
    let (client, all) = (client.clone(), all(connections)?);
    tokio::spawn(async move {
        let mut said = false;
        while let Err(error) = put_all(&client, &all).await {
            // Without a host nobody answers, which is no news.
            if !said && is_there_a_host(&client).await {
                eprintln!("{error:#}; trying again");
                said = true;
            }
            sleep(LOOK_EVERY).await;
        }
    });
    Ok(())
}

async fn is_there_a_host(client: &Client) -> bool {
    let hosts = control(client).get_hosts().await;
    hosts.is_ok_and(|hosts| !hosts.is_empty())
}

async fn put_all(client: &Client, all: &Configurations) -> Result<()> {
    let control = control(client);
    for (name, properties) in all {
        let response = control
            .put_config(name, properties.clone())
            .await
            .map_err(|error| anyhow::anyhow!("cannot put configuration {name}: {error}"))?;
        ensure!(
            response.succeeded(),
            "cannot put configuration {name}: {}",
            response.message()
        );
    }
    Ok(())
}

fn all(connections: &Connections<'_>) -> Result<Configurations> {
    let Connections {
        database: server,
        secrets,
        ..
    } = connections;
    let mut all = BTreeMap::new();
    let host = server
        .host_str()
        .context("the database URL names no host")?;
    let port = server.port().unwrap_or(5432);
    for service in SERVICES {
        let properties = [
            ("POSTGRES_HOST", host.to_owned()),
            ("POSTGRES_PORT", port.to_string()),
            ("POSTGRES_USERNAME", service.app()),
            ("POSTGRES_PASSWORD_SECRET", password_of(service.name)),
            ("POSTGRES_DATABASE", service.database()),
        ];
        all.insert(format!("{}-database", service.name), owned(properties));
    }
    all.insert(
        "session-public-keys".to_owned(),
        owned([("SESSION_PUBLIC_KEYS", secrets.session_public_keys()?)]),
    );
    Ok(all)
}

fn owned<const N: usize>(properties: [(&str, String); N]) -> HashMap<String, String> {
    properties
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_yaml::Value;

    use super::*;
    use crate::lattice::fixtures::{manifest, with_connections};

    /// The configurations of the manifest without properties, by name.
    fn named_in(value: &Value, names: &mut Vec<String>) {
        match value {
            Value::Mapping(mapping) => {
                for (key, value) in mapping {
                    if key.as_str() == Some("config") {
                        let configs = value.as_sequence().into_iter().flatten();
                        let bare = configs.filter(|config| config.get("properties").is_none());
                        names.extend(
                            bare.filter_map(|config| {
                                Some(config.get("name")?.as_str()?.to_owned())
                            }),
                        );
                    }
                    named_in(value, names);
                }
            }
            Value::Sequence(values) => values.iter().for_each(|value| named_in(value, names)),
            _ => {}
        }
    }

    #[test]
    fn exactly_what_the_manifest_names_without_a_value_is_put() {
        let mut named = Vec::new();
        let read = serde_yaml::from_str(&manifest()).expect("good yaml");
        named_in(&read, &mut named);
        named.sort();
        named.dedup();

        let put = with_connections(all);
        let put: Vec<String> = put.expect("all of them").into_keys().collect();
        assert_eq!(put, named);
    }
}
