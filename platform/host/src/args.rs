//! The command line: the official host's flags, variables and defaults, grouped by what they configure.
//! Durations are given in milliseconds unless the name says seconds.
use std::net::SocketAddr;
use std::num::ParseIntError;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ArgGroup, Parser};
use tracing::Level;
use wasmcloud_core::OtelProtocol;
use wasmcloud_host::wasmbus::Features;

/// Runs a wasmCloud host.
#[derive(Debug, Parser)]
#[command(name = "wasmcloud", version = crate::config::VERSION)]
pub struct Args {
    /// The lattice that the host belongs to
    #[arg(
        short = 'x',
        long,
        env = "WASMCLOUD_LATTICE",
        default_value = "default"
    )]
    pub lattice: String,
    /// Seed of the host's Ed25519 key, which makes its id; a new one when absent
    #[arg(long, env = "WASMCLOUD_HOST_SEED", hide_env_values = true)]
    pub host_seed: Option<String>,
    /// A label `key=value`, repeatable; also `WASMCLOUD_LABEL_<key>=<value>`
    #[arg(short = 'l', long)]
    pub label: Vec<String>,
    /// JetStream domain of the lattice's buckets
    #[arg(long, alias = "wasmcloud-js-domain", env = "WASMCLOUD_JS_DOMAIN")]
    pub js_domain: Option<String>,
    /// Allow `file://` images
    #[arg(long, env = "WASMCLOUD_ALLOW_FILE_LOAD")]
    pub allow_file_load: bool,
    /// Ask a config service for registry credentials at the start
    #[arg(long, env = "WASMCLOUD_CONFIG_SERVICE")]
    pub config_service_enabled: bool,
    /// Time between asking a provider to stop and killing it, in ms
    #[arg(long = "provider-shutdown-delay-ms", alias = "provider-shutdown-delay",
          env = "WASMCLOUD_PROV_SHUTDOWN_DELAY_MS", default_value = "300", value_parser = millis)]
    pub provider_shutdown_delay: Duration,
    /// Time between heartbeats, in seconds (30 when absent)
    #[arg(long = "heartbeat-interval-seconds", env = "WASMCLOUD_HEARTBEAT_INTERVAL", value_parser = seconds)]
    pub heartbeat_interval: Option<Duration>,
    /// Experimental features, e.g. `builtin-http-server,builtin-http-client`
    #[arg(
        long = "feature",
        env = "WASMCLOUD_EXPERIMENTAL_FEATURES",
        value_delimiter = ','
    )]
    pub experimental_features: Vec<Features>,
    /// Prefix of the secrets backend's topic; no secrets when absent
    #[arg(long = "secrets-topic", env = "WASMCLOUD_SECRETS_TOPIC")]
    pub secrets_topic_prefix: Option<String>,
    /// Address of the host's own `/livez` and `/readyz`
    #[arg(long, env = "WASMCLOUD_HTTP_ADMIN")]
    pub http_admin: Option<SocketAddr>,
    /// Take part in auctions for components
    #[arg(long, env = "WASMCLOUD_COMPONENT_AUCTION_ENABLED", default_value_t = true, action = clap::ArgAction::Set)]
    pub enable_component_auction: bool,
    /// Take part in auctions for providers
    #[arg(long, env = "WASMCLOUD_PROVIDER_AUCTION_ENABLED", default_value_t = true, action = clap::ArgAction::Set)]
    pub enable_provider_auction: bool,
    /// PEM files of certificate authorities to trust for registries and telemetry
    #[arg(
        long = "tls-ca-path",
        env = "WASMCLOUD_TLS_CA_PATH",
        value_delimiter = ','
    )]
    pub tls_ca_paths: Option<Vec<PathBuf>>,

    #[command(flatten)]
    pub nats: Nats,
    #[command(flatten)]
    pub ctl: Ctl,
    #[command(flatten)]
    pub rpc: Rpc,
    #[command(flatten)]
    pub limits: Limits,
    #[command(flatten)]
    pub oci: Oci,
    #[command(flatten)]
    pub policy: Policy,
    #[command(flatten)]
    pub observability: Observability,
}

/// The NATS server for both control and RPC, unless one of them has its own.
#[derive(Debug, ArgGroup)]
pub struct Nats {
    #[arg(long, env = "WASMCLOUD_NATS_HOST", default_value = "127.0.0.1")]
    pub nats_host: String,
    #[arg(long, env = "WASMCLOUD_NATS_PORT", default_value_t = 4222)]
    pub nats_port: u16,
    #[arg(
        long,
        env = "WASMCLOUD_NATS_JWT",
        requires = "nats_seed",
        conflicts_with = "nats_creds"
    )]
    pub nats_jwt: Option<String>,
    #[arg(
        long,
        env = "WASMCLOUD_NATS_SEED",
        hide_env_values = true,
        requires = "nats_jwt",
        conflicts_with = "nats_creds"
    )]
    pub nats_seed: Option<String>,
    #[arg(long, env = "WASMCLOUD_NATS_CREDS")]
    pub nats_creds: Option<PathBuf>,
}

/// The connection for control messages, where it differs.
#[derive(Debug, ArgGroup)]
pub struct Ctl {
    #[arg(long, env = "WASMCLOUD_CTL_HOST", hide = true)]
    pub ctl_host: Option<String>,
    #[arg(long, env = "WASMCLOUD_CTL_PORT", hide = true)]
    pub ctl_port: Option<u16>,
    #[arg(
        long,
        env = "WASMCLOUD_CTL_JWT",
        requires = "ctl_seed",
        conflicts_with = "ctl_creds",
        hide = true
    )]
    pub ctl_jwt: Option<String>,
    #[arg(
        long,
        env = "WASMCLOUD_CTL_SEED",
        hide_env_values = true,
        requires = "ctl_jwt",
        conflicts_with = "ctl_creds",
        hide = true
    )]
    pub ctl_seed: Option<String>,
    #[arg(long, env = "WASMCLOUD_CTL_CREDS", hide = true)]
    pub ctl_creds: Option<PathBuf>,
    #[arg(long, env = "WASMCLOUD_CTL_TLS", hide = true)]
    pub ctl_tls: bool,
    #[arg(
        long,
        env = "WASMCLOUD_CTL_TOPIC_PREFIX",
        default_value = "wasmbus.ctl",
        hide = true
    )]
    pub ctl_topic_prefix: String,
}

/// The connection for calls between components and providers, where it differs.
#[derive(Debug, ArgGroup)]
pub struct Rpc {
    #[arg(long, env = "WASMCLOUD_RPC_HOST", hide = true)]
    pub rpc_host: Option<String>,
    #[arg(long, env = "WASMCLOUD_RPC_PORT", hide = true)]
    pub rpc_port: Option<u16>,
    #[arg(
        long,
        env = "WASMCLOUD_RPC_JWT",
        requires = "rpc_seed",
        conflicts_with = "rpc_creds",
        hide = true
    )]
    pub rpc_jwt: Option<String>,
    #[arg(
        long,
        env = "WASMCLOUD_RPC_SEED",
        hide_env_values = true,
        requires = "rpc_jwt",
        conflicts_with = "rpc_creds",
        hide = true
    )]
    pub rpc_seed: Option<String>,
    #[arg(long, env = "WASMCLOUD_RPC_CREDS", hide = true)]
    pub rpc_creds: Option<PathBuf>,
    #[arg(long, env = "WASMCLOUD_RPC_TLS", hide = true)]
    pub rpc_tls: bool,
    #[arg(long = "rpc-timeout-ms", env = "WASMCLOUD_RPC_TIMEOUT_MS", default_value = "2000", value_parser = millis)]
    pub rpc_timeout: Duration,
}

/// What one component may use.
#[derive(Debug, ArgGroup)]
pub struct Limits {
    /// Longest life of one call, in ms
    #[arg(long = "max-execution-time-ms", env = "WASMCLOUD_MAX_EXECUTION_TIME_MS", default_value = "600000", value_parser = millis)]
    pub max_execution_time: Duration,
    /// Memory of one instance, in bytes
    #[arg(long = "max-linear-memory-bytes", env = "WASMCLOUD_MAX_LINEAR_MEMORY", default_value_t = 256 << 20)]
    pub max_linear_memory: u32,
    /// Size of a component's file, in bytes
    #[arg(long = "max-component-size-bytes", env = "WASMCLOUD_MAX_COMPONENT_SIZE", default_value_t = 50 << 20)]
    pub max_component_size: u64,
    /// Components that run at once
    #[arg(long, env = "WASMCLOUD_MAX_COMPONENTS", default_value_t = 10_000)]
    pub max_components: u32,
    /// Core modules in one component
    #[arg(
        long,
        env = "WASMCLOUD_MAX_CORE_INSTANCES_PER_COMPONENT",
        default_value_t = 30
    )]
    pub max_core_instances_per_component: u32,
}

/// Image registries.
#[derive(Debug, ArgGroup)]
pub struct Oci {
    /// Allow images tagged `latest`
    #[arg(long, env = "WASMCLOUD_OCI_ALLOW_LATEST")]
    pub allow_latest: bool,
    /// Registries that may be reached without TLS
    #[arg(long, env = "WASMCLOUD_OCI_ALLOWED_INSECURE", value_delimiter = ',')]
    pub allowed_insecure: Vec<String>,
    #[arg(long, env = "WASMCLOUD_OCI_REGISTRY", requires_all = ["oci_user", "oci_password"])]
    pub oci_registry: Option<String>,
    #[arg(long, env = "WASMCLOUD_OCI_REGISTRY_USER", requires_all = ["oci_registry", "oci_password"])]
    pub oci_user: Option<String>,
    #[arg(long, env = "WASMCLOUD_OCI_REGISTRY_PASSWORD", hide_env_values = true, requires_all = ["oci_registry", "oci_user"])]
    pub oci_password: Option<String>,
}

/// The policy service, which may refuse starts and calls.
#[derive(Debug, ArgGroup)]
pub struct Policy {
    #[arg(long, env = "WASMCLOUD_POLICY_TOPIC")]
    pub policy_topic: Option<String>,
    #[arg(
        long,
        env = "WASMCLOUD_POLICY_CHANGES_TOPIC",
        requires = "policy_topic"
    )]
    pub policy_changes_topic: Option<String>,
    #[arg(long = "policy-timeout-ms", env = "WASMCLOUD_POLICY_TIMEOUT", requires = "policy_topic", value_parser = millis)]
    pub policy_timeout: Option<Duration>,
}

/// Logs, traces and metrics.
#[derive(Debug, ArgGroup)]
pub struct Observability {
    #[arg(long, env = "WASMCLOUD_LOG_LEVEL", alias = "structured-log-level", default_value_t = Level::INFO)]
    pub log_level: Level,
    #[arg(long, env = "WASMCLOUD_TRACE_LEVEL", default_value_t = Level::INFO)]
    pub trace_level: Level,
    /// Log as JSON
    #[arg(long, env = "WASMCLOUD_STRUCTURED_LOGGING_ENABLED")]
    pub enable_structured_logging: bool,
    /// Export traces, metrics and logs over OTLP
    #[arg(long, env = "WASMCLOUD_OBSERVABILITY_ENABLED", conflicts_with_all = ["enable_traces", "enable_metrics", "enable_logs"])]
    pub enable_observability: bool,
    #[arg(long, env = "WASMCLOUD_TRACES_ENABLED", hide = true)]
    pub enable_traces: Option<bool>,
    #[arg(long, env = "WASMCLOUD_METRICS_ENABLED", hide = true)]
    pub enable_metrics: Option<bool>,
    #[arg(long, env = "WASMCLOUD_LOGS_ENABLED", hide = true)]
    pub enable_logs: Option<bool>,
    #[arg(
        long = "override-observability-endpoint",
        env = "OTEL_EXPORTER_OTLP_ENDPOINT"
    )]
    pub observability_endpoint: Option<String>,
    #[arg(
        long = "override-traces-endpoint",
        env = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        hide = true
    )]
    pub traces_endpoint: Option<String>,
    #[arg(
        long = "override-metrics-endpoint",
        env = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        hide = true
    )]
    pub metrics_endpoint: Option<String>,
    #[arg(
        long = "override-logs-endpoint",
        env = "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
        hide = true
    )]
    pub logs_endpoint: Option<String>,
    /// `http` (the default) or `grpc`
    #[arg(
        long = "observability-protocol",
        env = "WASMCLOUD_OBSERVABILITY_PROTOCOL",
        hide = true
    )]
    pub protocol: Option<OtelProtocol>,
    /// Where to write a flame graph
    #[arg(long, env = "WASMCLOUD_FLAME_GRAPH")]
    pub flame_graph: Option<PathBuf>,
}

fn millis(text: &str) -> Result<Duration, ParseIntError> {
    text.parse().map(Duration::from_millis)
}

fn seconds(text: &str) -> Result<Duration, ParseIntError> {
    text.parse().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn durations_are_read_in_their_unit() {
        assert_eq!(millis("1500"), Ok(Duration::from_millis(1500)));
        assert_eq!(seconds("5"), Ok(Duration::from_secs(5)));
        assert!(millis("5s").is_err());
    }
}
