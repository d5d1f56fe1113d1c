//! A running double: everything put together, started and stopped.

use crate::api::{self, Api, ApiKeys};
use crate::clock::SignatureClock;
use crate::config::Config;
use crate::control::{self, Control};
use crate::server;
use crate::store::{Books, JournalError, Store};
use crate::three_d_secure;
use crate::webhooks::{Dispatcher, Endpoint};
use axum::Router;
use axum::routing::any;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Why a double did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        address: SocketAddr,
        cause: std::io::Error,
    },
    /// A webhook address is not one that can be posted to.
    #[error("webhook URL {0:?} is not an http:// URL")]
    WebhookUrl(String),
    /// The journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No HTTP client could be built for webhooks.
    #[error("no HTTP client for webhooks: {0}")]
    Client(#[from] reqwest::Error),
}

/// A double that listens.
pub struct Double {
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
    dispatcher: JoinHandle<()>,
}

impl Double {
    /// Starts a double; it answers when this returns.
    ///
    /// # Errors
    /// When the address is taken, a webhook URL is no URL, or the journal cannot be used.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let listener = listen(config.listen).await?;
        let address = listener.local_addr().map_err(|cause| StartError::Listen {
            address: config.listen,
            cause,
        })?;
        let books = Books::new(endpoints(&config)?);
        let public_url = config
            .public_url
            .unwrap_or_else(|| format!("http://{address}"));

        let (deliveries, queue) = mpsc::unbounded_channel();
        let store = Arc::new(Store::open(books, config.data.as_deref(), deliveries)?);
        let clock = Arc::new(SignatureClock::default());
        let stop = CancellationToken::new();
        let dispatcher = Arc::new(Dispatcher::new(
            Arc::clone(&store),
            Arc::clone(&clock),
            config.webhook_retry,
            stop.clone(),
        )?);
        let keys = ApiKeys {
            secret: config.secret_key,
            publishable: config.publishable_key,
        };
        let api = Arc::new(Api::new(
            Arc::clone(&store),
            keys,
            public_url,
            config.cards_only,
        ));
        let control = Control {
            api: Arc::clone(&api),
            dispatcher: Arc::clone(&dispatcher),
            clock,
        };
        let router = Router::new()
            .route("/healthz", any(|| async { "ok" }))
            .fallback(api::serve)
            .with_state(api)
            .merge(three_d_secure::router(store))
            .merge(control::router(control));

        Ok(Self {
            address,
            server: tokio::spawn(server::run(listener, router, stop.clone())),
            dispatcher: tokio::spawn(dispatcher.run(queue)),
            stop,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL, which stands in for `https://api.stripe.com`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops: running requests are answered first, webhooks not yet sent are kept in the journal.
    pub async fn shutdown(self) {
        self.stop.cancel();
        // A task that panicked has nothing left to stop.
        let _ = self.server.await;
        let _ = self.dispatcher.await;
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|cause| StartError::Listen { address, cause })
}

fn endpoints(config: &Config) -> Result<Vec<Endpoint>, StartError> {
    let endpoint = |(index, url): (usize, &String)| match url::Url::parse(url) {
        Ok(parsed) if parsed.scheme() == "http" => Ok(Endpoint::configured(
            index,
            url,
            &config.webhook_secret,
            config.webhook_events.clone(),
        )),
        _ => Err(StartError::WebhookUrl(url.clone())),
    };
    config
        .webhook_urls
        .iter()
        .enumerate()
        .map(endpoint)
        .collect()
}
