//! A person with a browser: the contract's calls, on one connection and with the cookies that it brought.
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, COOKIE, HOST};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::cookies::Cookies;
use super::{Answer, Connection};

const PASSWORD: &str = "correct horse battery";

/// What Stripe's double, and the peer, take as a card that works.
const CARD: &str = "pm_card_visa";

/// An event that has not arrived by then never will.
const EVENT_WITHIN: Duration = Duration::from_secs(30);
/// Who waits for an event looks again so often. More often, and all who wait would take the time that the events need.
pub const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub struct Visitor {
    connection: Connection,
    host: HeaderValue,
    cookies: Cookies,
    email: String,
    /// Orders that they have not paid.
    pub unpaid: Vec<String>,
    /// The order that they paid last.
    pub paid: Option<String>,
}

impl Visitor {
    /// Somebody who has just come to `authority`, and has no account yet.
    ///
    /// # Errors
    /// When the authority cannot be a `Host`.
    pub fn new(authority: &str) -> Result<Self> {
        Ok(Self {
            connection: Connection::to(authority),
            host: HeaderValue::from_str(authority)?,
            cookies: Cookies::default(),
            email: new_email(),
            unpaid: Vec::new(),
            paid: None,
        })
    }

    pub fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The same person with another connection.
    ///
    /// # Errors
    /// None that was not one for this visitor.
    pub fn elsewhere(&self) -> Result<Self> {
        let mut other = Self::new(self.host.to_str()?)?;
        other.cookies = self.cookies.clone();
        Ok(other)
    }

    /// Carries a session that was made elsewhere.
    pub fn carry(&mut self, cookie: &str, value: &str) {
        self.cookies.set(cookie, value);
    }

    /// Signs up and stays signed in.
    pub async fn sign_up(&mut self) -> Result<()> {
        let email = self.email.clone();
        let answer = self.account("signup", &email).await?;
        answer.id(StatusCode::CREATED).context("signing up")?;
        self.cookies.take(&answer.headers);
        Ok(())
    }

    /// Signs in anew and stays signed in.
    pub async fn renew(&mut self) -> Result<()> {
        let answer = self.sign_in().await?;
        answer.id(StatusCode::OK).context("signing in")?;
        self.cookies.take(&answer.headers);
        Ok(())
    }

    /// Signs in, and stays who they are.
    pub async fn sign_in(&mut self) -> Result<Answer> {
        let email = self.email.clone();
        self.account("signin", &email).await
    }

    /// Makes an account for somebody else.
    pub async fn sign_up_another(&mut self) -> Result<Answer> {
        self.account("signup", &new_email()).await
    }

    async fn account(&mut self, call: &str, email: &str) -> Result<Answer> {
        let body = json!({ "email": email, "password": PASSWORD });
        let path = format!("/api/users/{call}");
        self.send(Method::POST, &path, Some(&body), false).await
    }

    /// Asks for something that belongs to them.
    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None, true).await
    }

    /// Asks for something without saying who they are.
    pub async fn look(&mut self, path: &str) -> Result<Answer> {
        self.send(Method::GET, path, None, false).await
    }

    pub async fn sell(&mut self, title: &str) -> Result<Answer> {
        let body = json!({ "title": title, "price": 42.5 });
        self.send(Method::POST, "/api/tickets", Some(&body), true)
            .await
    }

    /// Orders once.
    pub async fn order(&mut self, ticket: &str) -> Result<Answer> {
        let body = json!({ "ticketId": ticket });
        self.send(Method::POST, "/api/orders", Some(&body), true)
            .await
    }

    /// Orders, and again while the ticket is not known yet. The answer is the last one.
    pub async fn order_once_known(&mut self, ticket: &str) -> Result<Answer> {
        let until = Instant::now() + EVENT_WITHIN;
        loop {
            let answer = self.order(ticket).await?;
            if answer.status != StatusCode::NOT_FOUND || Instant::now() > until {
                return Ok(answer);
            }
            sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// Pays, and again while the order is not known yet. The answer is the last one.
    pub async fn pay_once_known(&mut self, order: &str) -> Result<Answer> {
        let body = json!({ "orderId": order, "token": CARD });
        let until = Instant::now() + EVENT_WITHIN;
        loop {
            let answer = self
                .send(Method::POST, "/api/payments", Some(&body), true)
                .await?;
            if answer.status != StatusCode::NOT_FOUND || Instant::now() > until {
                return Ok(answer);
            }
            sleep(LOOK_AGAIN_AFTER).await;
        }
    }

    /// Asks for `path` every so often until its body is as `wanted`, and says how long that took. Each look has an
    /// address of its own, so that no cache answers.
    ///
    /// # Errors
    /// When it is not within half a minute.
    pub async fn watch(
        &mut self,
        path: &str,
        every: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Duration> {
        let started = Instant::now();
        for look in 0_u32.. {
            let answer = self.get(&format!("{path}?look={look}")).await?;
            if wanted(&answer.json(StatusCode::OK)?) {
                return Ok(started.elapsed());
            }
            if started.elapsed() > EVENT_WITHIN {
                break;
            }
            sleep(every).await;
        }
        anyhow::bail!("{path} has not changed within {EVENT_WITHIN:?}")
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        signed_in: bool,
    ) -> Result<Answer> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.host.clone());
        if let Some(cookie) = self.cookies.header().filter(|_| signed_in) {
            request = request.header(COOKIE, cookie.clone());
        }
        let body = match body {
            Some(body) => {
                request = request.header(CONTENT_TYPE, "application/json");
                Bytes::from(body.to_string())
            }
            None => Bytes::new(),
        };
        let answer = self.connection.send(request.body(Full::new(body))?).await;
        if answer.is_err() {
            // What the next request would meet on this connection is anybody's guess.
            self.connection.close();
        }
        answer
    }
}

fn new_email() -> String {
    format!("{}@example.com", Uuid::new_v4().simple())
}
