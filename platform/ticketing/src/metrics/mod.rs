//! `GET /metrics` in Prometheus' text format: what no process of the lattice knows by itself. Rows are counted in the
//! databases, by a role that can read nothing else; messages are counted in the streams.
//!
//! Everything is asked anew for each scrape. What does not answer in time is `ticketing_source_up 0`, and the rest is told.
mod databases;
mod families;
mod streams;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::get};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tokio::time::timeout;
use url::Url;

use crate::cli::Metrics;
use crate::data::Data;
use crate::secrets::Secrets;
use crate::services::{SERVICES, Service};
use crate::{database, lattice, settings};
use families::Families;

/// Less than a scrape may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where to look.
struct Sources {
    databases: Vec<(Service, Url)>,
    nats: async_nats::Client,
}

/// Serves until the process is ended.
///
/// # Errors
/// When a setting is wrong, NATS cannot be reached at the start, or the address is taken.
pub async fn run(arguments: &Metrics) -> Result<()> {
    let listen: SocketAddr = arguments.listen.parse().with_context(|| {
        format!(
            "--listen {:?} is not an address and a port",
            arguments.listen
        )
    })?;
    let server = settings::database(arguments.database.database_url.as_deref())?
        .context("DATABASE_URL is required: the server with the services' databases")?;
    let nats = settings::nats(arguments.nats_url.as_deref())?
        .context("NATS_URL is required: the server with the streams")?;
    let secrets = Secrets::open(&Data::of(&arguments.place)?, 0)?;
    let databases = SERVICES
        .into_iter()
        .filter(|service| service.emits)
        .map(|service| {
            let role = service.metrics();
            let url = database::url(&server, &service.database(), &role, secrets.password(&role))?;
            Ok((service, url))
        });
    let sources = Arc::new(Sources {
        databases: databases.collect::<Result<_>>()?,
        nats: lattice::connect(&nats).await?,
    });
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen at {listen}"))?;
    println!("metrics: http://{}/metrics", listener.local_addr()?);
    let router = Router::new()
        .route("/metrics", get(scrape))
        .with_state(sources);
    axum::serve(listener, router).await.context("cannot serve")
}

async fn scrape(State(sources): State<Arc<Sources>>) -> Response {
    let families = Families::default();
    let databases = sources.databases.iter().map(|(service, url)| async {
        let measured = timeout(PATIENCE, databases::measure(*service, url, &families)).await;
        families.source(service.name, measured);
    });
    let streams = async {
        let measured = timeout(PATIENCE, streams::measure(&sources.nats, &families)).await;
        families.source("nats", measured);
    };
    tokio::join!(futures::future::join_all(databases), streams);

    let mut registry = Registry::with_prefix("ticketing");
    families.register(&mut registry);
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
