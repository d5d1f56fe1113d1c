//! What a system answered, and how long it took.
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A whole answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// From sending the request to having the last byte of the answer.
    pub latency: Duration,
}

impl Answer {
    /// The body as JSON, when the status is `expected`.
    ///
    /// # Errors
    /// When it is another, or the body is not JSON.
    pub fn json(&self, expected: StatusCode) -> Result<Value> {
        ensure!(self.status == expected, "{}", self.summary());
        serde_json::from_slice(&self.body)
            .with_context(|| format!("an answer that is not JSON: {}", self.summary()))
    }

    /// The `id` in the body, when the status is `expected`.
    ///
    /// # Errors
    /// When it is another, or there is no id.
    pub fn id(&self, expected: StatusCode) -> Result<String> {
        let body = self.json(expected)?;
        let id = body["id"].as_str().context("an answer without an id")?;
        Ok(id.to_owned())
    }

    /// Status and message, on one line.
    pub fn summary(&self) -> String {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let message = body["errors"][0]["message"].as_str().unwrap_or_default();
        format!("{} {message}", self.status.as_u16())
    }
}
