//! The NATS connection that a provider works on: the lattice's own, or one of its own to `NATS_URL`.
//! It is made on first use, because the lattice's exists only once the provider runs.

use anyhow::Context as _;
use async_nats::{ConnectOptions, ServerAddr, jetstream};
use tokio::sync::OnceCell;
use wasmcloud_provider_sdk::{get_connection, with_connection_event_logging};

/// A connection and the JetStream on it. Clones share the connection.
#[derive(Debug, Clone)]
pub struct JetStream {
    /// The plain connection: requests, acknowledgements, pulls.
    pub client: async_nats::Client,
    /// The JetStream API over it.
    pub context: jetstream::Context,
}

impl From<async_nats::Client> for JetStream {
    fn from(client: async_nats::Client) -> Self {
        Self {
            context: jetstream::new(client.clone()),
            client,
        }
    }
}

/// Where a provider's JetStream is, connected on first use.
#[derive(Debug, Default)]
pub struct Connection {
    /// `NATS_URL` of the provider's config; `None` is the lattice's connection. May hold a password.
    url: Option<String>,
    jetstream: OnceCell<JetStream>,
}

impl Connection {
    /// A connection to `url`, or the lattice's when there is none.
    #[must_use]
    pub fn new(url: Option<String>) -> Self {
        Self {
            url,
            jetstream: OnceCell::new(),
        }
    }

    /// The connection. With the lattice's, only after the provider runs (`run_provider`).
    ///
    /// A server that cannot be reached is no error: the client goes on trying in the background.
    ///
    /// # Errors
    /// When `NATS_URL` is not an address.
    pub async fn jetstream(&self) -> anyhow::Result<JetStream> {
        self.jetstream
            .get_or_try_init(|| async {
                let client = match &self.url {
                    None => get_connection().nats.as_ref().clone(),
                    Some(url) => connect(url).await?,
                };
                Ok(JetStream::from(client))
            })
            .await
            .cloned()
    }
}

/// Connects in the background. The client does not take credentials from the address by itself.
async fn connect(url: &str) -> anyhow::Result<async_nats::Client> {
    // The parse error may quote the address, and the address may hold a password.
    let address: ServerAddr = url
        .parse()
        .map_err(|_| anyhow::anyhow!("NATS_URL is not an address such as nats://host:4222"))?;
    let options = match (address.username(), address.password()) {
        (Some(user), Some(password)) => {
            ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
        }
        (Some(token), None) => ConnectOptions::with_token(token.to_owned()),
        _ => ConnectOptions::default(),
    };
    with_connection_event_logging(options)
        .retry_on_initial_connect()
        .connect(address)
        .await
        .context("NATS_URL cannot be used")
}
