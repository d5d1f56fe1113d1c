//! Logs of a provider: to stderr, in the host's format and at the host's level.
//! With the host's OpenTelemetry settings also to a collector.

use std::path::Path;

use anyhow::Context as _;
use wasmcloud_provider_sdk::HostData;
use wasmcloud_provider_sdk::tracing_subscriber::util::SubscriberInitExt as _;
use wasmcloud_provider_sdk::wasmcloud_tracing::configure_observability;

/// Keep it until the provider ends: what is buffered is written when it is dropped.
pub struct FlushGuard {
    /// Only held for its drop.
    _guard: Box<dyn std::any::Any>,
}

/// Sets up logging as the host asks for it. Call it once, first thing.
///
/// # Errors
/// When logging is set up already, or the host's settings cannot be used.
pub fn init_observability(name: &str, host: &HostData) -> anyhow::Result<FlushGuard> {
    let (dispatch, guard) = configure_observability(
        name,
        &host.otel_config,
        host.structured_logging,
        None::<&Path>,
        host.log_level.as_ref(),
        Some(&host.otel_config.trace_level),
    )
    .context("observability cannot be configured")?;
    dispatch
        .try_init()
        .context("observability is set up already")?;
    Ok(FlushGuard {
        _guard: Box::new(guard),
    })
}
