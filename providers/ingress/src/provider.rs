//! The capability provider: the ingress with its configuration from, and its health for, the lattice.

use std::collections::HashMap;
use std::sync::Arc;

use provider_kit::Health;
use tokio::sync::Mutex;
use tracing::{error, info};
use wasmcloud_provider_sdk::{
    HealthCheckRequest, HealthCheckResponse, Provider, ProviderConfigUpdate, ProviderConnection,
    ProviderInitConfig,
};

use crate::ingress::Ingress;
use crate::lattice::Lattice;
use crate::settings::Settings;

/// The part of the provider's health that its configuration is.
const CONFIGURATION: &str = "configuration";

/// Holds no links: everything it needs is in its provider configuration. Clones are the same provider.
#[derive(Clone, Default)]
pub struct IngressProvider {
    health: Health,
    lattice: Lattice,
    /// Absent until there is a configuration that can be used, and again after the stop.
    ingress: Arc<Mutex<Option<Ingress>>>,
}

impl IngressProvider {
    /// Lets the health check ask other providers over this connection.
    pub fn join_lattice(&self, connection: &ProviderConnection) {
        self.lattice.join(
            Arc::clone(&connection.nats),
            Arc::clone(&connection.lattice),
        );
    }

    /// Drains the ingress, as a shutdown by the host does.
    pub async fn stop(&self) {
        if let Some(ingress) = self.ingress.lock().await.take() {
            ingress.stop().await;
            info!("stopped");
        }
    }

    /// Serves by `config`; one that is wrong leaves everything as it is and shows in the health.
    async fn apply(&self, config: &HashMap<String, String>) {
        let settings = Settings::from_config(config);
        self.health.record(CONFIGURATION, &settings);
        let settings = match settings {
            Ok(settings) => settings,
            Err(wrong) => return error!("configuration: {wrong}"),
        };
        let mut ingress = self.ingress.lock().await;
        match &*ingress {
            Some(running) => running.reconfigure(settings),
            None => {
                let (health, lattice) = (self.health.clone(), self.lattice.clone());
                *ingress = Some(Ingress::start_in(settings, health, lattice));
            }
        }
    }
}

impl Provider for IngressProvider {
    async fn init(&self, init: impl ProviderInitConfig) -> anyhow::Result<()> {
        self.apply(init.get_config()).await;
        Ok(())
    }

    async fn on_config_update(&self, update: impl ProviderConfigUpdate) -> anyhow::Result<()> {
        self.apply(update.get_values()).await;
        Ok(())
    }

    async fn health_request(&self, _: &HealthCheckRequest) -> anyhow::Result<HealthCheckResponse> {
        Ok(self.health.response())
    }

    async fn shutdown(&self) -> anyhow::Result<()> {
        self.stop().await;
        Ok(())
    }
}
