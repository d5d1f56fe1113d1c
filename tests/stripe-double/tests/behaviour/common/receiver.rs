//! A webhook endpoint that keeps what it gets and answers as it is told.

use super::eventually;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

/// One received webhook.
#[derive(Debug, Clone)]
pub struct Webhook {
    pub signature: String,
    pub payload: String,
    pub event: Value,
}

/// The endpoint.
pub struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<Received>>,
}

#[derive(Default)]
struct Received {
    webhooks: Vec<Webhook>,
    refusals: usize,
}

impl Receiver {
    /// One that refuses the first so many webhooks with 503.
    pub async fn refusing(refusals: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(Received {
            refusals,
            ..Received::default()
        }));
        let router = Router::new()
            .route("/", post(receive))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state }
    }

    pub async fn new() -> Self {
        Self::refusing(0).await
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Everything received so far.
    pub fn webhooks(&self) -> Vec<Webhook> {
        self.state
            .lock()
            .expect("no panic in the receiver")
            .webhooks
            .clone()
    }

    /// The types received so far.
    pub fn types(&self) -> Vec<String> {
        let kind = |webhook: &Webhook| {
            webhook.event["type"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        };
        self.webhooks().iter().map(kind).collect()
    }

    /// Waits until so many have come.
    pub async fn wait_for(&self, count: usize) -> Vec<Webhook> {
        eventually(&format!("{count} webhooks"), || async {
            let webhooks = self.webhooks();
            (webhooks.len() >= count).then_some(webhooks)
        })
        .await
    }

    /// Waits for one of this type.
    pub async fn wait_for_type(&self, kind: &str) -> Webhook {
        eventually(kind, || async {
            self.webhooks()
                .into_iter()
                .find(|webhook| webhook.event["type"] == kind)
        })
        .await
    }
}

async fn receive(
    State(state): State<Arc<Mutex<Received>>>,
    headers: HeaderMap,
    payload: String,
) -> StatusCode {
    let mut state = state.lock().expect("no panic in the receiver");
    let signature = headers
        .get("stripe-signature")
        .and_then(|value| value.to_str().ok());
    state.webhooks.push(Webhook {
        signature: signature.unwrap_or_default().to_owned(),
        event: serde_json::from_str(&payload).expect("JSON"),
        payload,
    });
    if state.refusals > 0 {
        state.refusals -= 1;
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    }
}
