//! A running ingress, wherever it runs: in the provider's process or in a test.

use std::net::SocketAddr;
use std::sync::Arc;

use provider_kit::Health;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::gateway::Gateway;
use crate::lattice::Lattice;
use crate::load::Load;
use crate::server;
use crate::settings::Settings;

/// A proxy that serves in the background until it is stopped.
pub struct Ingress {
    gateway: watch::Sender<Arc<Gateway>>,
    lattice: Lattice,
    load: Load,
    bound: watch::Receiver<Option<SocketAddr>>,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Ingress {
    /// Starts to serve. An address in use is tried again until it is free; `health` tells.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub fn start(settings: Settings, health: Health) -> Self {
        Self::start_in(settings, health, Lattice::default())
    }

    /// As [`Ingress::start`], in a lattice whose providers `/healthz` asks.
    pub(crate) fn start_in(settings: Settings, health: Health, lattice: Lattice) -> Self {
        let load = Load::default();
        let first = Gateway::new(settings, lattice.clone(), load.clone());
        let (gateway, gateway_rx) = watch::channel(Arc::new(first));
        let (bound_tx, bound) = watch::channel(None);
        let (stop, mut stop_rx) = watch::channel(false);
        let stopped = async move {
            // A dropped ingress is a stopped one.
            let _ = stop_rx.wait_for(|stop| *stop).await;
        };
        let serving = tokio::spawn(server::run(gateway_rx, bound_tx, health, stopped));
        Self {
            gateway,
            lattice,
            load,
            bound,
            stop,
            serving,
        }
    }

    /// Serves later requests by `settings`, at their address.
    pub fn reconfigure(&self, settings: Settings) {
        if *self.gateway.borrow().settings() != settings {
            let gateway = Gateway::new(settings, self.lattice.clone(), self.load.clone());
            self.gateway.send_replace(Arc::new(gateway));
        }
    }

    /// The address that is served, once it is bound: with port 0 the one that was chosen. `None`
    /// when the ingress has stopped.
    pub async fn address(&self) -> Option<SocketAddr> {
        let mut bound = self.bound.clone();
        bound
            .wait_for(Option::is_some)
            .await
            .ok()
            .and_then(|at| *at)
    }

    /// How many requests `upstream` (`host:port`, as a route names it) has at this moment, those of earlier settings
    /// and answers that are still being streamed included.
    pub fn in_flight(&self, upstream: &str) -> usize {
        self.load.of(upstream)
    }

    /// Accepts nobody any more and returns when requests in flight have finished, or the drain
    /// timeout has passed and they are cut off.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the ingress did not stop in order");
        }
    }
}
