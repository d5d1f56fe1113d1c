//! Named configurations with secrets, which the manifest names but does not hold.
use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result, ensure};
use async_nats::Client;
use url::Url;

use super::control;
use crate::database;
use crate::secrets::Secrets;
use crate::services::SERVICES;
use crate::settings::Keys;

/// What the configurations are made of.
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
    let control = control(client);
    for (name, properties) in all(connections)? {
        let response = control
            .put_config(&name, properties)
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

fn all(connections: &Connections<'_>) -> Result<BTreeMap<String, HashMap<String, String>>> {
    let Connections {
        database: server,
        secrets,
        stripe,
    } = connections;
    let mut all = BTreeMap::new();
    let host = server
        .host_str()
        .context("the database URL names no host")?;
    let port = server.port().unwrap_or(5432);
    let mut outboxes = HashMap::new();
    for service in SERVICES {
        let properties = [
            ("POSTGRES_HOST", host.to_owned()),
            ("POSTGRES_PORT", port.to_string()),
            ("POSTGRES_USERNAME", service.app()),
            (
                "POSTGRES_PASSWORD",
                secrets.password(&service.app()).to_owned(),
            ),
            ("POSTGRES_DATABASE", service.database()),
        ];
        all.insert(format!("{}-database", service.name), owned(properties));
        if service.emits {
            let relay = service.relay();
            let url = database::url(
                server,
                &service.database(),
                &relay,
                secrets.password(&relay),
            )?;
            outboxes.insert(
                format!("{}_OUTBOX_URL", service.name.to_uppercase()),
                url.to_string(),
            );
        }
    }
    all.insert("outbox-databases".to_owned(), outboxes);
    all.insert(
        "auth-signing-key".to_owned(),
        owned([(
            "SESSION_PRIVATE_KEY",
            secrets.session_private_key().to_owned(),
        )]),
    );
    all.insert(
        "session-public-keys".to_owned(),
        owned([("SESSION_PUBLIC_KEYS", secrets.session_public_key()?)]),
    );
    all.insert(
        "stripe-secrets".to_owned(),
        owned([
            ("STRIPE_SECRET_KEY", stripe.secret.clone()),
            ("STRIPE_WEBHOOK_SECRET", stripe.webhook.clone()),
        ]),
    );
    Ok(all)
}

fn owned<const N: usize>(properties: [(&str, String); N]) -> HashMap<String, String> {
    properties
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
