//! From the command line to the library's configuration.
//! Control and RPC fall back to the common NATS server and credentials.
use std::sync::Arc;

use anyhow::Context as _;
use nkeys::KeyPair;
use wasmcloud_core::OtelConfig;
use wasmcloud_core::logging::Level;
use wasmcloud_host::WasmbusHostConfig;
use wasmcloud_host::oci::Config as OciConfig;
use wasmcloud_host::url::Url;
use wasmcloud_host::wasmbus::host_config::PolicyService;

use crate::args::Args;
use crate::credentials::Credentials;
use crate::{labels, subject};

/// The wasmCloud release that this host stands in for; the lattice sees it as the host's version.
pub const VERSION: &str = "1.9.2";

/// Builds the host's configuration.
///
/// # Errors
/// Names the flag whose value cannot be used.
pub async fn host_config(args: Args, otel_config: OtelConfig) -> anyhow::Result<WasmbusHostConfig> {
    subject::check("--policy-topic", args.policy.policy_topic.as_deref())?;
    subject::check("--secrets-topic", args.secrets_topic_prefix.as_deref())?;

    let Args {
        nats,
        ctl,
        rpc,
        limits,
        oci,
        policy,
        observability,
        ..
    } = args;
    let common = Credentials::read(
        nats.nats_creds.as_deref(),
        nats.nats_jwt,
        nats.nats_seed.as_deref(),
    )
    .await
    .context("NATS credentials")?;
    let ctl_credentials = Credentials::read(
        ctl.ctl_creds.as_deref(),
        ctl.ctl_jwt,
        ctl.ctl_seed.as_deref(),
    )
    .await
    .context("control credentials")?
    .or(&common);
    let rpc_credentials = Credentials::read(
        rpc.rpc_creds.as_deref(),
        rpc.rpc_jwt,
        rpc.rpc_seed.as_deref(),
    )
    .await
    .context("RPC credentials")?
    .or(&common);
    let host_key = args
        .host_seed
        .as_deref()
        .map(KeyPair::from_seed)
        .transpose()
        .context("--host-seed is not a seed")?
        .map(Arc::new);

    Ok(WasmbusHostConfig {
        ctl_nats_url: nats_url(
            ctl.ctl_host.as_ref().unwrap_or(&nats.nats_host),
            ctl.ctl_port.unwrap_or(nats.nats_port),
        )?,
        ctl_jwt: ctl_credentials.jwt,
        ctl_key: ctl_credentials.key,
        ctl_tls: ctl.ctl_tls,
        ctl_topic_prefix: ctl.ctl_topic_prefix,
        rpc_nats_url: nats_url(
            rpc.rpc_host.as_ref().unwrap_or(&nats.nats_host),
            rpc.rpc_port.unwrap_or(nats.nats_port),
        )?,
        rpc_jwt: rpc_credentials.jwt,
        rpc_key: rpc_credentials.key,
        rpc_tls: rpc.rpc_tls,
        rpc_timeout: rpc.rpc_timeout,
        lattice: Arc::from(args.lattice),
        js_domain: args.js_domain,
        labels: labels::labels(&args.label, std::env::vars())?,
        host_key,
        provider_shutdown_delay: Some(args.provider_shutdown_delay),
        oci_opts: OciConfig {
            additional_ca_paths: args.tls_ca_paths.unwrap_or_default(),
            allow_latest: oci.allow_latest,
            allowed_insecure: oci.allowed_insecure,
            oci_registry: oci.oci_registry,
            oci_user: oci.oci_user,
            oci_password: oci.oci_password,
        },
        allow_file_load: args.allow_file_load,
        enable_structured_logging: observability.enable_structured_logging,
        log_level: Level::from(observability.log_level),
        config_service_enabled: args.config_service_enabled,
        otel_config,
        policy_service_config: PolicyService {
            policy_topic: policy.policy_topic,
            policy_changes_topic: policy.policy_changes_topic,
            policy_timeout_ms: policy.policy_timeout,
        },
        secrets_topic_prefix: args.secrets_topic_prefix,
        version: VERSION.to_owned(),
        max_execution_time: limits.max_execution_time,
        max_linear_memory: limits.max_linear_memory,
        max_component_size: limits.max_component_size,
        max_components: limits.max_components,
        max_core_instances_per_component: limits.max_core_instances_per_component,
        heartbeat_interval: args.heartbeat_interval,
        // The sum of features is their union.
        experimental_features: args.experimental_features.into_iter().sum(),
        http_admin: args.http_admin,
        enable_component_auction: args.enable_component_auction,
        enable_provider_auction: args.enable_provider_auction,
    })
}

fn nats_url(host: &str, port: u16) -> anyhow::Result<Url> {
    Url::parse(&format!("nats://{host}:{port}"))
        .with_context(|| format!("{host}:{port} is not a NATS server's address"))
}
