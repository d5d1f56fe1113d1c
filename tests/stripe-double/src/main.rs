//! Runs a double of Stripe's API as a process, until SIGTERM or Ctrl-C.
//! Its one line on standard output is the address; everything else goes to standard error.
#![forbid(unsafe_code)]

use anyhow::Context;
use clap::Parser;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use stripe_double::{Config, Double, Retry};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A test double of Stripe's API.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "STRIPE_DOUBLE_LISTEN", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where a buyer's browser reaches the double [default: http://<listen>].
    #[arg(long, env = "STRIPE_DOUBLE_PUBLIC_URL")]
    public_url: Option<String>,
    /// API key of servers.
    #[arg(
        long,
        env = "STRIPE_DOUBLE_SECRET_KEY",
        default_value = "sk_test_double",
        hide_env_values = true
    )]
    secret_key: String,
    /// API key of browsers.
    #[arg(
        long,
        env = "STRIPE_DOUBLE_PUBLISHABLE_KEY",
        default_value = "pk_test_double"
    )]
    publishable_key: String,
    /// An account whose API version is older than 2023-08-16: an intent takes cards alone unless it asks for more.
    #[arg(long, env = "STRIPE_DOUBLE_CARDS_ONLY")]
    cards_only: bool,
    /// Address that is told of events; several by repeating, or with commas.
    #[arg(long, env = "STRIPE_DOUBLE_WEBHOOK_URL", value_delimiter = ',')]
    webhook_url: Vec<String>,
    /// Type of event that it is told of; several by repeating, or with commas [default: all].
    #[arg(long, env = "STRIPE_DOUBLE_WEBHOOK_EVENT", value_delimiter = ',')]
    webhook_event: Vec<String>,
    /// Secret that events are signed with.
    #[arg(
        long,
        env = "STRIPE_DOUBLE_WEBHOOK_SECRET",
        default_value = "whsec_double",
        hide_env_values = true
    )]
    webhook_secret: String,
    /// Wait before a failed webhook is sent again; doubles each time.
    #[arg(long, env = "STRIPE_DOUBLE_WEBHOOK_RETRY_MS", default_value_t = 500)]
    webhook_retry_ms: u64,
    /// Longest wait between two attempts at a webhook.
    #[arg(
        long,
        env = "STRIPE_DOUBLE_WEBHOOK_RETRY_MAX_MS",
        default_value_t = 30_000
    )]
    webhook_retry_max_ms: u64,
    /// Journal that carries the state over restarts; in memory only when not given.
    #[arg(long, env = "STRIPE_DOUBLE_DATA")]
    data: Option<PathBuf>,
}

impl From<Args> for Config {
    fn from(args: Args) -> Self {
        Self {
            listen: args.listen,
            public_url: args.public_url,
            secret_key: args.secret_key,
            publishable_key: args.publishable_key,
            cards_only: args.cards_only,
            webhook_urls: args.webhook_url,
            webhook_events: args.webhook_event,
            webhook_secret: args.webhook_secret,
            webhook_retry: Retry {
                first: Duration::from_millis(args.webhook_retry_ms),
                max: Duration::from_millis(args.webhook_retry_max_ms),
            },
            data: args.data,
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_from_env("STRIPE_DOUBLE_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let mut terminate = signal(SignalKind::terminate()).context("no handler for SIGTERM")?;
    let double = Double::start(Args::parse().into())
        .await
        .context("stripe-double did not start")?;
    println!("stripe-double listening on {}", double.url());
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.context("no handler for Ctrl-C")?,
    }
    double.shutdown().await;
    Ok(())
}
