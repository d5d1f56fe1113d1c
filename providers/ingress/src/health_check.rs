//! `GET /healthz`: whether every service and every provider behind this door works.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use http::StatusCode;
use http::uri::Authority;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::lattice::Lattice;
use crate::route::Route;
use crate::settings::Settings;
use crate::upstream::Upstream;

pub const PATH: &str = "/healthz";

/// How long a part may take to tell its health.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// The path is public, so that many questions at once are one question behind the door.
const STAYS_FRESH: Duration = Duration::from_millis(250);

/// As much of a part's answer as is read.
const LONGEST_ANSWER: usize = 64 * 1024;

/// What is asked, and the latest answer.
pub struct HealthCheck {
    upstream: Upstream,
    lattice: Lattice,
    services: Vec<Route>,
    providers: Vec<String>,
    latest: Mutex<Option<(Instant, Arc<[String]>)>>,
}

impl HealthCheck {
    pub fn new(settings: &Settings, upstream: Upstream, lattice: Lattice) -> Self {
        let mut services: Vec<Route> = Vec::new();
        for route in settings.routes.iter().chain(&settings.health_upstreams) {
            // Several routes may lead to the same service.
            if !services
                .iter()
                .any(|known| known.upstreams() == route.upstreams())
            {
                services.push(route.clone());
            }
        }
        Self {
            upstream,
            lattice,
            services,
            providers: settings.health_providers.clone(),
            latest: Mutex::new(None),
        }
    }

    /// One message per failing part, in the order of the configuration; empty when all is well.
    pub async fn failures(&self) -> Arc<[String]> {
        let mut latest = self.latest.lock().await;
        match &*latest {
            Some((at, failures)) if at.elapsed() < STAYS_FRESH => Arc::clone(failures),
            _ => {
                let failures = self.ask_everyone().await;
                *latest = Some((Instant::now(), Arc::clone(&failures)));
                failures
            }
        }
    }

    async fn ask_everyone(&self) -> Arc<[String]> {
        let services = join_all(
            self.services
                .iter()
                .map(|service| self.ask_service(service)),
        );
        let providers = join_all(self.providers.iter().map(|id| self.ask_provider(id)));
        let (services, providers) = tokio::join!(services, providers);
        services.into_iter().chain(providers).flatten().collect()
    }

    /// One of several equals that is well is enough.
    async fn ask_service(&self, service: &Route) -> Vec<String> {
        let upstreams = service.upstreams().iter();
        let answers =
            join_all(upstreams.map(|upstream| self.ask_upstream(service, upstream))).await;
        if answers.iter().any(Vec::is_empty) {
            return Vec::new();
        }
        answers.into_iter().flatten().collect()
    }

    async fn ask_upstream(&self, service: &Route, upstream: &Authority) -> Vec<String> {
        let ask = || {
            let asked = self.upstream.ask(upstream, PATH, LONGEST_ANSWER);
            timeout(ANSWER_WITHIN, asked)
        };
        let answer = match ask().await {
            // The reply can have been lost, so silence counts when it is heard twice.
            Err(_) => ask().await,
            answer => answer,
        };
        let failures = match answer {
            Ok(Ok((StatusCode::OK, _))) => Vec::new(),
            Ok(Ok((status, body))) => messages(status, &body),
            Ok(Err(error)) => vec![error],
            Err(_) => vec![format!(
                "no answer within {} s, asked twice",
                ANSWER_WITHIN.as_secs()
            )],
        };
        let name = service.name();
        failures
            .into_iter()
            .map(|failure| format!("{name} ({upstream}): {failure}"))
            .collect()
    }

    async fn ask_provider(&self, id: &str) -> Vec<String> {
        match self.lattice.provider_health(id, ANSWER_WITHIN).await {
            Ok(()) => Vec::new(),
            Err(failure) => vec![format!("provider {id}: {failure}")],
        }
    }
}

/// The messages of an answer in the services' error shape; its status when there are none.
fn messages(status: StatusCode, body: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<Error>,
    }
    #[derive(Deserialize)]
    struct Error {
        message: String,
    }
    match serde_json::from_slice::<Errors>(body) {
        Ok(Errors { errors }) if !errors.is_empty() => {
            errors.into_iter().map(|error| error.message).collect()
        }
        _ => vec![format!("answered {status}")],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_quoted_with_its_own_messages() {
        let body = br#"{"errors":[{"message":"database: 08006"},{"message":"keyvalue"}]}"#;
        let quoted = messages(StatusCode::SERVICE_UNAVAILABLE, body);
        assert_eq!(quoted, ["database: 08006", "keyvalue"]);
    }

    #[test]
    fn an_answer_without_messages_is_named_by_its_status() {
        for body in [&b""[..], b"<html>", br#"{"errors":[]}"#] {
            let quoted = messages(StatusCode::NOT_FOUND, body);
            assert_eq!(quoted, ["answered 404 Not Found"]);
        }
    }
}
