//! What hosts find around them, as they see it: alone on the machine's loopback as everybody does, in namespaces of their own
//! through the bridge.
use anyhow::{Context as _, Result};
use url::Url;

use crate::network::Network;
use crate::ports::Ports;

/// Addresses for the hosts.
pub struct Surroundings {
    /// `host:port` of NATS.
    pub nats: String,
    /// The database server.
    pub database: Url,
    /// Stripe's API.
    pub stripe: Url,
    /// Where each host's ingress listens.
    pub ingress: String,
    /// The origins of the hosts' ingresses, as this machine sees them; empty when the one host's is the shop's.
    pub doors: Vec<String>,
}

impl Surroundings {
    /// Of the one host that shares the machine's loopback.
    pub fn of_one(nats: &str, database: &Url, stripe: &Url, ports: &Ports) -> Self {
        Self {
            nats: nats.to_owned(),
            database: database.clone(),
            stripe: stripe.clone(),
            ingress: ports.address("ingress"),
            doors: Vec::new(),
        }
    }

    /// Of hosts in namespaces.
    ///
    /// # Errors
    /// When something cannot be made reachable from there.
    pub fn of_several(
        network: &Network,
        nats: &str,
        database: &Url,
        stripe: &Url,
        ports: &Ports,
    ) -> Result<Self> {
        let port = ports.of("ingress");
        Ok(Self {
            nats: network.reach(nats)?.to_string(),
            database: network
                .reach_url(database, 5432)
                .context("the database server")?,
            stripe: network.reach_url(stripe, 80).context("Stripe")?,
            // Whatever the address of the namespace is.
            ingress: format!("0.0.0.0:{port}"),
            doors: network
                .addresses()
                .map(|address| format!("http://{address}:{port}"))
                .collect(),
        })
    }
}
