//! Logs on stderr, and traces, metrics and logs over OTLP when asked for.
//! A collector that cannot be set up never stops the host.
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use tracing_subscriber::util::SubscriberInitExt as _;
use wasmcloud_core::OtelConfig;
use wasmcloud_core::logging::Level;
use wasmcloud_core::tls::load_certs_from_paths;
use wasmcloud_tracing::configure_observability;

use crate::args::Observability;

/// The telemetry settings, which providers of this host inherit.
///
/// # Errors
/// When the extra certificate authorities cannot be read.
pub fn otel_config(
    args: &Observability,
    ca_paths: Option<&[PathBuf]>,
) -> anyhow::Result<OtelConfig> {
    if let Some(paths) = ca_paths {
        let certificates = load_certs_from_paths(paths).context("cannot read --tls-ca-path")?;
        ensure!(
            !certificates.is_empty(),
            "--tls-ca-path holds no certificate"
        );
    }
    Ok(OtelConfig {
        enable_observability: args.enable_observability,
        enable_traces: args.enable_traces,
        enable_metrics: args.enable_metrics,
        enable_logs: args.enable_logs,
        observability_endpoint: args.observability_endpoint.clone(),
        traces_endpoint: args.traces_endpoint.clone(),
        metrics_endpoint: args.metrics_endpoint.clone(),
        logs_endpoint: args.logs_endpoint.clone(),
        protocol: args.protocol.unwrap_or_default(),
        additional_ca_paths: ca_paths.map(<[PathBuf]>::to_vec).unwrap_or_default(),
        trace_level: Level::from(args.trace_level),
        ..OtelConfig::default()
    })
}

/// The host exports no spans, but its providers do. Its HTTP server begins a new trace for each request, and its HTTP
/// client puts that in the place of the one that a component sends: with the host's own spans no trace would be whole.
fn without_own_spans(otel: &OtelConfig) -> OtelConfig {
    OtelConfig {
        enable_traces: Some(false),
        ..otel.clone()
    }
}

/// Starts logging and telemetry; the value returned flushes them when dropped.
pub fn init(args: &Observability, otel: &OtelConfig) -> Option<impl Sized + use<>> {
    let configured = configure_observability(
        "wasmcloud-host",
        &without_own_spans(otel),
        args.enable_structured_logging,
        args.flame_graph.as_deref().map(Path::to_path_buf),
        Some(&Level::from(args.log_level)),
        Some(&otel.trace_level),
    );
    let started = configured.and_then(|(dispatch, guard)| {
        dispatch.try_init()?;
        Ok(guard)
    });
    match started {
        Ok(guard) => Some(guard),
        Err(error) => {
            eprintln!("continuing without logs and telemetry: {error:#}");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_export_spans_and_the_host_does_not() {
        let otel = OtelConfig {
            enable_observability: true,
            ..OtelConfig::default()
        };
        let own = without_own_spans(&otel);
        assert!(otel.traces_enabled());
        assert!(!own.traces_enabled());
        assert!(own.metrics_enabled() && own.logs_enabled());
    }
}
