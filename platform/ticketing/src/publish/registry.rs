//! The registry, as the user who pushes.
use anyhow::{Context as _, Result};
use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::{Reference, secrets::RegistryAuth};
use wasmcloud_core::tls::NATIVE_ROOTS_OCI;

use super::artifact::Artifact;
use crate::cli::Publish;

pub struct Registry {
    client: Client,
    auth: RegistryAuth,
}

impl Registry {
    pub fn new(arguments: &Publish) -> Self {
        let protocol = if arguments.insecure {
            ClientProtocol::Http
        } else {
            ClientProtocol::Https
        };
        let auth = match (&arguments.user, &arguments.password) {
            (Some(user), Some(password)) => RegistryAuth::Basic(user.clone(), password.clone()),
            _ => RegistryAuth::Anonymous,
        };
        Self {
            client: Client::new(ClientConfig {
                protocol,
                extra_root_certificates: NATIVE_ROOTS_OCI.to_vec(),
                ..ClientConfig::default()
            }),
            auth,
        }
    }

    /// Pushes an artifact; a tag that exists names the new one then.
    ///
    /// # Errors
    /// When the registry does not answer or refuses.
    pub async fn push(&self, reference: &Reference, artifact: Artifact) -> Result<()> {
        let Artifact {
            config,
            layers,
            manifest,
        } = artifact;
        self.client
            .push(reference, &layers, config, &self.auth, Some(manifest))
            .await
            .with_context(|| format!("cannot push {reference}"))?;
        Ok(())
    }
}
