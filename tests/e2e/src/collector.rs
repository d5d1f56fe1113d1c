//! Somebody who keeps telemetry: takes what hosts and providers export over OTLP (protobuf over HTTP).
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message as _;
use tokio::net::TcpListener;

/// A span that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Whose it is: the attribute `service.name`.
    pub service: String,
    /// Its name.
    pub name: String,
    /// Its trace, in hexadecimal.
    pub trace: String,
    /// Its id, in hexadecimal.
    pub id: String,
    /// The id of the span that it is a child of; empty for the first of a trace.
    pub parent: String,
    /// Its attributes as text, in the order in which they came.
    pub attributes: Vec<(String, String)>,
}

impl Span {
    /// The attribute `key`; empty when there is none.
    #[must_use]
    pub fn attribute(&self, key: &str) -> &str {
        let mut all = self.attributes.iter();
        all.find(|(name, _)| name == key)
            .map_or("", |(_, value)| value)
    }
}

/// What has come in.
#[derive(Debug, Default)]
struct Received {
    spans: Vec<Span>,
    metrics: BTreeSet<String>,
    /// Names of attributes of data points, as Prometheus has them.
    labels: BTreeSet<String>,
    logs: Vec<String>,
}

/// A collector on a free port of the loopback interface, for as long as the suite runs. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Collector {
    url: String,
    received: Arc<Mutex<Received>>,
}

impl Collector {
    /// Listens from now on.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let collector = Self {
            url: format!("http://{}", listener.local_addr()?),
            received: Arc::default(),
        };
        let routes = Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/metrics", post(metrics))
            .route("/v1/logs", post(logs))
            .with_state(collector.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Ok(collector)
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` should be.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The spans of a trace that have come in so far.
    #[must_use]
    pub fn trace(&self, trace: &str) -> Vec<Span> {
        let all = self.received();
        let spans = all.spans.iter().filter(|span| span.trace == trace);
        spans.cloned().collect()
    }

    /// The names of all metrics so far, as Prometheus has them: a histogram is three.
    #[must_use]
    pub fn metrics(&self) -> BTreeSet<String> {
        self.received().metrics.clone()
    }

    /// The labels of all metrics so far, as Prometheus has them.
    #[must_use]
    pub fn labels(&self) -> BTreeSet<String> {
        self.received().labels.clone()
    }

    /// All log records so far, each with everything that it says.
    #[must_use]
    pub fn logs(&self) -> Vec<String> {
        self.received().logs.clone()
    }

    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn traces(State(collector): State<Collector>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut received = collector.received();
    for resource in request.resource_spans {
        let service = service_name(resource.resource.as_ref());
        for span in resource.scope_spans.into_iter().flat_map(|it| it.spans) {
            received.spans.push(Span {
                service: service.clone(),
                name: span.name,
                trace: hex::encode(span.trace_id),
                id: hex::encode(span.span_id),
                parent: hex::encode(span.parent_span_id),
                attributes: span.attributes.iter().map(text_of).collect(),
            });
        }
    }
    StatusCode::OK
}

async fn metrics(State(collector): State<Collector>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportMetricsServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let mut received = collector.received();
    let scopes = request.resource_metrics.into_iter();
    let scopes = scopes.flat_map(|resource| resource.scope_metrics);
    for metric in scopes.flat_map(|scope| scope.metrics) {
        let unit = match metric.unit.as_str() {
            "s" => "_seconds",
            _ => "",
        };
        let name = format!("{}{unit}", metric.name.replace('.', "_"));
        match metric.data {
            Some(Data::Histogram(histogram)) => {
                let suffixes = ["bucket", "sum", "count"];
                let names = suffixes.map(|suffix| format!("{name}_{suffix}"));
                received.metrics.extend(names);
                let points = histogram.data_points.into_iter();
                let keys = points.flat_map(|point| point.attributes);
                let labels = keys.map(|attribute| attribute.key.replace('.', "_"));
                received.labels.extend(labels);
            }
            _ => {
                received.metrics.insert(name);
            }
        }
    }
    StatusCode::OK
}

async fn logs(State(collector): State<Collector>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportLogsServiceRequest::decode(body) else {
        return StatusCode::BAD_REQUEST;
    };
    let scopes = request.resource_logs.into_iter();
    let scopes = scopes.flat_map(|resource| resource.scope_logs);
    let records = scopes.flat_map(|scope| scope.log_records);
    let texts = records.map(|record| format!("{record:?}"));
    collector.received().logs.extend(texts);
    StatusCode::OK
}

fn service_name(resource: Option<&Resource>) -> String {
    let attributes = resource.map(|resource| resource.attributes.iter());
    let mut all = attributes.into_iter().flatten().map(text_of);
    let found = all.find(|(key, _)| key == "service.name");
    found.map(|(_, value)| value).unwrap_or_default()
}

fn text_of(attribute: &KeyValue) -> (String, String) {
    let value = attribute.value.as_ref().and_then(|it| it.value.as_ref());
    let text = match value {
        Some(any_value::Value::StringValue(text)) => text.clone(),
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        other => format!("{other:?}"),
    };
    (attribute.key.clone(), text)
}
