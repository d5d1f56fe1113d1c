//! A component of the lattice: `wasmcloud:cron/scheduler.invoke` over wRPC.

use std::time::Duration;

use bytes::Bytes;
use wasmcloud_provider_sdk::get_connection;
use wasmcloud_provider_sdk::provider::WrpcClient;

use crate::bindings::wasmcloud::cron::scheduler;
use crate::scheduled::Scheduled;

/// A component of the lattice.
pub(crate) struct Component {
    wrpc: WrpcClient,
    timeout: Duration,
}

impl Component {
    /// The component `id`. It need not be there yet.
    ///
    /// # Errors
    /// When the lattice's connection is closed for good.
    pub(crate) async fn new(id: &str, timeout: Duration) -> anyhow::Result<Self> {
        let wrpc = get_connection()
            .get_wrpc_client_custom(id, Some(timeout))
            .await?;
        Ok(Self { wrpc, timeout })
    }
}

impl Scheduled for Component {
    async fn invoke(&self, payload: Bytes) -> Result<(), String> {
        // The client's own limit ends when the call is accepted; this one covers the answer too.
        let invocation = scheduler::invoke(&self.wrpc, None, &payload);
        match tokio::time::timeout(self.timeout, invocation).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(error)) => Err(format!("{error:#}")),
            Err(_) => Err(format!("no answer within {:?}", self.timeout)),
        }
    }
}
