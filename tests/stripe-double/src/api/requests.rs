//! The latest requests, as they came in: what a caller sends beside the parameters, for a test that asks.

use axum::http::request::Parts;
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many are remembered.
const MANY: usize = 1000;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Received {
    pub method: String,
    pub path: String,
    pub idempotency_key: Option<String>,
    /// The trace that the caller says it belongs to (W3C Trace Context).
    pub traceparent: Option<String>,
}

/// The latest requests, oldest first. Not kept over a restart.
#[derive(Debug, Default)]
pub struct Requests(Mutex<VecDeque<Received>>);

impl Requests {
    /// Remembers a request, and forgets the oldest when there are many.
    pub fn add(&self, parts: &Parts) {
        let header = |name| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
        let received = Received {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            idempotency_key: header("idempotency-key"),
            traceparent: header("traceparent"),
        };
        let mut all = self.lock();
        if all.len() == MANY {
            all.pop_front();
        }
        all.push_back(received);
    }

    /// All that are remembered.
    pub fn all(&self) -> Vec<Received> {
        self.lock().iter().cloned().collect()
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Received>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
