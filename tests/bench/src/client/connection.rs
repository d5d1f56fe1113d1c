//! One HTTP/1.1 connection, kept alive. No pool and no redirects: the generator shares the machine with
//! what it measures, and has to be cheap.
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Answer;

/// Longer than any system here waits for itself.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// A connection to one address, opened when it is needed and again when the far end has closed it.
#[derive(Debug)]
pub struct Connection {
    /// `host:port`.
    authority: String,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub fn to(authority: &str) -> Self {
        Self {
            authority: authority.to_owned(),
            open: None,
        }
    }

    /// Sends a request and reads its whole answer.
    ///
    /// # Errors
    /// When no connection can be made, it breaks off, or a minute passes.
    pub async fn send(&mut self, request: Request<Full<Bytes>>) -> Result<Answer> {
        self.connect().await?;
        let open = self.open.as_mut().context("no connection")?;
        let started = Instant::now();
        let exchange = async {
            let (head, body) = open.send_request(request).await?.into_parts();
            Ok::<_, hyper::Error>((head, body.collect().await?.to_bytes()))
        };
        let (head, body) = timeout(ANSWER_WITHIN, exchange)
            .await
            .context("no answer within a minute")??;
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
            latency: started.elapsed(),
        })
    }

    /// Makes sure that the connection is open.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn connect(&mut self) -> Result<()> {
        if let Some(open) = &mut self.open
            && open.ready().await.is_ok()
        {
            return Ok(());
        }
        let stream = TcpStream::connect(&self.authority)
            .await
            .with_context(|| format!("connecting to {}", self.authority))?;
        stream.set_nodelay(true)?;
        let (open, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Whoever waits for an answer is told how it ended.
        tokio::spawn(connection);
        self.open = Some(open);
        Ok(())
    }

    /// Closes it.
    pub fn close(&mut self) {
        self.open = None;
    }
}
