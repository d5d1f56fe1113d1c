//! What is secret, put into the lattice's secrets backend, and who may have which: as the manifest names them.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use async_nats::Client;
use async_nats::jetstream;
use provider_archive::ProviderArchive;
use secrets_nats_kv::client::{SECRETS_API_VERSION, put_secret};
use secrets_nats_kv::types::PutSecretRequest;

use super::application::Application;
use super::config::Connections;
use super::manifest::artifact;
use crate::database;
use crate::secrets::Secrets;
use crate::services::SERVICES;

/// The backend's name in the manifest and in its subjects.
pub const NAME: &str = "nats-kv";
/// What its subjects begin with: hosts' `WASMCLOUD_SECRETS_TOPIC`.
pub const TOPIC: &str = "wasmcloud.secrets";
/// Where it keeps the secrets, encrypted.
pub const BUCKET: &str = "WASMCLOUD_SECRETS";
/// Where it keeps who may have which.
const ALLOWED: &str = "SECRETS_nats-kv_state";

/// Whether the backend answers, and with our keys.
///
/// # Errors
/// When it does not.
pub async fn answers(client: &Client, secrets: &Secrets) -> Result<()> {
    let subject = format!("{TOPIC}.{SECRETS_API_VERSION}.{NAME}.server_xkey");
    let answer = client
        .request(subject, "".into())
        .await
        .context("the secrets backend does not answer")?;
    ensure!(
        answer.payload == secrets.backend_transit_key()?.public_key().as_bytes(),
        "the secrets backend of this lattice has other keys than those in secrets.json"
    );
    Ok(())
}

/// Puts all of them there, and lets those have them whom the manifest of the checkout at `root` names. Who is named no
/// longer is refused from now on; what runs keeps what it has.
///
/// # Errors
/// When the backend does not answer, or what the manifest names is not built or not signed.
pub async fn put(client: &Client, root: &Path, connections: &Connections<'_>) -> Result<()> {
    answers(client, connections.secrets).await?;
    let key = connections.secrets.backend_transit_key()?;
    for (name, value) in all(connections)? {
        let request = PutSecretRequest {
            key: name.clone(),
            string_secret: Some(value),
            ..PutSecretRequest::default()
        };
        put_secret(client, TOPIC, &key, request)
            .await
            .with_context(|| format!("cannot put secret {name}"))?;
    }
    // Not through the backend, which does not take back what it has allowed.
    let allowed = jetstream::new(client.clone())
        .get_key_value(ALLOWED)
        .await
        .context("the secrets backend's bucket")?;
    for (identity, names) in readers(root).await? {
        allowed
            .put(&identity, serde_json::to_vec(&names)?.into())
            .await
            .with_context(|| format!("cannot say what {identity} may have"))?;
    }
    Ok(())
}

/// Every secret by its key in the backend.
fn all(connections: &Connections<'_>) -> Result<BTreeMap<String, String>> {
    let Connections {
        database: server,
        secrets,
        stripe,
    } = connections;
    let mut all = BTreeMap::from([
        (
            "session-private-key".to_owned(),
            secrets.session_private_key().to_owned(),
        ),
        ("stripe-secret-key".to_owned(), stripe.secret.clone()),
        ("stripe-webhook-secret".to_owned(), stripe.webhook.clone()),
    ]);
    for service in SERVICES {
        let password = secrets.password(&service.app()).to_owned();
        all.insert(password_of(service.name), password);
        if service.emits {
            let relay = service.relay();
            let password = secrets.password(&relay);
            let url = database::url(server, &service.database(), &relay, password)?;
            all.insert(format!("{}-outbox-url", service.name), url.to_string());
        }
    }
    Ok(all)
}

/// The key of the password of a service's database.
pub fn password_of(service: &str) -> String {
    format!("{service}-database-password")
}

/// The components and providers that a manifest gives secrets, with their images and the secrets' keys.
fn named(text: &str) -> Result<Vec<(String, String, BTreeSet<String>)>> {
    let components = Application::read(text)?.spec.components.into_iter();
    components
        .filter(|component| !component.properties.secrets.is_empty())
        .map(|component| {
            let name = component.name;
            let image = component.properties.image;
            let image = image.with_context(|| format!("wadm.yaml: {name} has no image"))?;
            let secrets = component.properties.secrets.into_iter();
            let keys = secrets.map(|secret| secret.properties.key).collect();
            Ok((name, image, keys))
        })
        .collect()
}

/// Which identity may have which secrets.
async fn readers(root: &Path) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let path = root.join("wadm.yaml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut readers = BTreeMap::new();
    for (name, image, keys) in named(&text)? {
        let identity = identity(root, &image)
            .await
            .with_context(|| format!("who is {name}?"))?;
        readers.insert(identity, keys);
    }
    Ok(readers)
}

/// The public key that an image was signed for, which a host shows to the backend.
async fn identity(root: &Path, image: &str) -> Result<String> {
    let Some(path) = artifact(root, image) else {
        bail!("{image} is no file of the checkout");
    };
    let bytes = fs::read(&path)
        .with_context(|| format!("{} is missing; run `cargo xtask build`", path.display()))?;
    let subject = if path
        .extension()
        .is_some_and(|extension| extension == "wasm")
    {
        let token = wascap::wasm::extract_claims(bytes)
            .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
        token.map(|token| token.claims.subject)
    } else {
        let archive = ProviderArchive::try_load(&bytes)
            .await
            .map_err(|error| anyhow::anyhow!("{}: {error}", path.display()))?;
        archive.claims().map(|claims| claims.subject)
    };
    subject.with_context(|| format!("{} is not signed; run `cargo xtask build`", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lattice::fixtures::{manifest, with_connections};

    #[test]
    fn exactly_the_secrets_that_the_manifest_names_are_put() {
        let named = named(&manifest()).expect("a good manifest");
        let named: BTreeSet<String> = named.into_iter().flat_map(|(_, _, keys)| keys).collect();

        let put = with_connections(all);
        let put: BTreeSet<String> = put.expect("all of them").into_keys().collect();
        assert_eq!(put, named);
    }

    #[test]
    fn nobody_has_a_secret_that_another_needs() {
        let named = named(&manifest()).expect("a good manifest");
        let mut seen = BTreeSet::new();
        for (name, _, keys) in named {
            for key in keys {
                assert!(seen.insert(key.clone()), "{name} shares {key}");
            }
        }
    }
}
