//! The shop as the outside sees it: one origin, one event stream, and Stripe behind it.
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use checker::{Entry, Journal};
use reqwest::{Client, Request, RequestBuilder};
use serde_json::Value;
use time::OffsetDateTime;

use crate::{Double, Endpoints, EventLog, Keys, OpenApi, Person, Reply, eventually};

/// Longer than any request may take inside.
const ANSWER: Duration = Duration::from_secs(40);

/// A running shop.
#[derive(Clone, Debug)]
pub struct Shop {
    endpoints: Endpoints,
    client: Client,
    openapi: Arc<OpenApi>,
    events: EventLog,
    /// Every request with its answer, for the checker.
    journal: Journal,
    /// Whether nothing is being broken on purpose: then every answer is held to the contract.
    calm: bool,
}

impl Shop {
    /// Opens the shop at `endpoints`, where nothing is broken on purpose: from now on every answer
    /// is checked against the OpenAPI document, and a server error fails the test that saw it.
    ///
    /// # Errors
    /// When the stream or the document cannot be read.
    pub async fn open(endpoints: &Endpoints) -> Result<Self> {
        Self::enter(endpoints, true).await
    }

    /// Opens the shop at `endpoints` for tests that break parts of it: errors are answers, too.
    ///
    /// # Errors
    /// When the stream or the document cannot be read.
    pub async fn open_under_fire(endpoints: &Endpoints) -> Result<Self> {
        Self::enter(endpoints, false).await
    }

    async fn enter(endpoints: &Endpoints, calm: bool) -> Result<Self> {
        // A connection that the far end closes between two requests is no error of the shop's.
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .pool_idle_timeout(Duration::from_secs(1))
            .timeout(ANSWER)
            .build()?;
        Ok(Self {
            endpoints: endpoints.clone(),
            client,
            openapi: Arc::new(OpenApi::read()?),
            events: EventLog::follow(&endpoints.nats).await?,
            journal: Journal::default(),
            calm,
        })
    }

    /// The same shop, whose visitors write into `journal`.
    #[must_use]
    pub fn with_journal(mut self, journal: &Journal) -> Self {
        self.journal = journal.clone();
        self
    }

    /// Where it is.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The public origin.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.endpoints.http
    }

    /// Everything that was published.
    #[must_use]
    pub fn events(&self) -> &EventLog {
        &self.events
    }

    /// The HTTP client, for requests that nobody in particular makes.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The Stripe double behind it.
    ///
    /// # Panics
    /// When another Stripe is behind it.
    #[must_use]
    pub fn double(&self) -> Double {
        let url = self.endpoints.stripe.as_deref();
        Double::new(url.expect("this test needs the Stripe double: set TICKETING_E2E_STRIPE"))
    }

    /// The keys that sessions are signed with, as only their operator knows them.
    ///
    /// # Panics
    /// When they are not at hand.
    #[must_use]
    pub fn keys(&self) -> Keys {
        let secrets = self.endpoints.secrets.as_deref();
        Keys::read(secrets.expect("this test needs secrets.json: set TICKETING_E2E_SECRETS"))
    }

    /// A visitor without a session.
    #[must_use]
    pub fn visitor(&self) -> Person {
        Person::visitor(self)
    }

    /// Somebody who has just signed up.
    pub async fn person(&self) -> Person {
        Person::signs_up(self).await
    }

    /// Sends a request and reads its answer.
    ///
    /// # Panics
    /// When there is no answer, or when it breaks the contract.
    pub async fn ask(&self, request: RequestBuilder) -> Reply {
        self.try_ask(request)
            .await
            .unwrap_or_else(|error| panic!("no answer: {error:?}"))
    }

    /// Sends a request and reads its answer, if there is one.
    ///
    /// # Errors
    /// When the connection fails.
    ///
    /// # Panics
    /// When the answer breaks the contract.
    pub async fn try_ask(&self, request: RequestBuilder) -> Result<Reply> {
        let request = request.build()?;
        let (method, url) = (request.method().clone(), request.url().clone());
        let line = Line::of(&request);
        let reply = self.answer(request).await;
        self.journal.write(line.answered(reply.as_ref().ok()));
        let reply = reply?;
        if self.calm {
            assert!(
                !reply.status.is_server_error(),
                "a server error: {} {} {}",
                reply.asked,
                reply.status,
                reply.text()
            );
            self.openapi.check(&method, url.path(), &reply);
        }
        Ok(reply)
    }

    async fn answer(&self, request: Request) -> Result<Reply> {
        let asked = format!("{} {}", request.method(), request.url());
        let answer = self.client.execute(request).await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = answer.bytes().await?.to_vec();
        Ok(Reply {
            asked,
            status,
            headers,
            body,
        })
    }

    /// Waits until `path` answers with something that `accept` likes.
    pub async fn see<T>(&self, path: &str, mut accept: impl FnMut(&Reply) -> Option<T>) -> T {
        let url = format!("{}{path}", self.origin());
        eventually(format!("GET {path}"), async || {
            accept(&self.try_ask(self.client.get(&url)).await.ok()?)
        })
        .await
    }
}

/// A line of the journal that still lacks its answer.
struct Line {
    sent: OffsetDateTime,
    method: String,
    path: String,
    body: Value,
}

impl Line {
    fn of(request: &Request) -> Self {
        let path = request.url().path().to_owned();
        let body = request.body().and_then(reqwest::Body::as_bytes);
        let body = body.and_then(|body| serde_json::from_slice(body).ok());
        Self {
            sent: OffsetDateTime::now_utc(),
            method: request.method().to_string(),
            // Passwords are nobody's business.
            body: body
                .filter(|_| !path.starts_with("/api/users/"))
                .unwrap_or_default(),
            path,
        }
    }

    fn answered(self, reply: Option<&Reply>) -> Entry {
        Entry {
            sent: self.sent,
            answered: OffsetDateTime::now_utc(),
            method: self.method,
            path: self.path,
            body: self.body,
            status: reply.map(|reply| reply.status.as_u16()),
            answer: reply.map(Reply::json).unwrap_or_default(),
        }
    }
}
