//! What the users of the shop did and were told: every request with its answer, and when something was broken on purpose.
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use uuid::Uuid;

/// One request.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Entry {
    /// Just before it was sent.
    #[serde(with = "time::serde::rfc3339")]
    pub sent: OffsetDateTime,
    /// Just after its answer was there, or the connection was gone.
    #[serde(with = "time::serde::rfc3339")]
    pub answered: OffsetDateTime,
    /// Its method.
    pub method: String,
    /// Its path, with the query.
    pub path: String,
    /// Its body; null when it is none of JSON, or holds a password.
    pub body: Value,
    /// The answer's status; none when there was no answer.
    pub status: Option<u16>,
    /// The answer's body; null when it is none of JSON.
    pub answer: Value,
}

/// A time in which something was broken on purpose, recovery included.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Outage {
    /// What was done to what.
    pub what: String,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub begin: OffsetDateTime,
    /// When the shop worked again.
    #[serde(with = "time::serde::rfc3339")]
    pub end: OffsetDateTime,
}

/// A journal that many write into; clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<(Vec<Entry>, Vec<Outage>)>>);

impl Journal {
    /// Adds a request.
    pub fn write(&self, entry: Entry) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .push(entry);
    }

    /// Adds a time in which something was broken.
    pub fn note(&self, outage: Outage) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .push(outage);
    }

    /// All requests and all outages so far.
    #[must_use]
    pub fn read(&self) -> (Vec<Entry>, Vec<Outage>) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A write that the shop has acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Acknowledged {
    SignUp {
        user: Uuid,
    },
    Sale {
        ticket: Uuid,
    },
    Edit {
        ticket: Uuid,
        version: i64,
    },
    Withdrawal {
        ticket: Uuid,
    },
    Order {
        order: Uuid,
        ticket: Uuid,
        buyer: Uuid,
    },
    Cancellation {
        order: Uuid,
    },
    Payment {
        payment: Uuid,
        order: Uuid,
    },
}

impl Entry {
    /// What was acknowledged, if it was a write that was.
    pub(crate) fn acknowledged(&self) -> Option<Acknowledged> {
        let status = self.status.filter(|status| (200..300).contains(status))?;
        let path = self.path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let told = |pointer: &str| self.answer.pointer(pointer)?.as_str()?.parse().ok();
        Some(match (self.method.as_str(), parts.as_slice(), status) {
            ("POST", ["api", "users", "signup"], 201) => {
                Acknowledged::SignUp { user: told("/id")? }
            }
            ("POST", ["api", "tickets"], 201) => Acknowledged::Sale {
                ticket: told("/id")?,
            },
            ("PUT", ["api", "tickets", id], 200) => Acknowledged::Edit {
                ticket: id.parse().ok()?,
                version: self.answer["version"].as_i64()?,
            },
            ("DELETE", ["api", "tickets", id], 204) => Acknowledged::Withdrawal {
                ticket: id.parse().ok()?,
            },
            ("POST", ["api", "orders"], 201) => Acknowledged::Order {
                order: told("/id")?,
                ticket: told("/ticket/id")?,
                buyer: told("/userId")?,
            },
            ("DELETE", ["api", "orders", id], 204) => Acknowledged::Cancellation {
                order: id.parse().ok()?,
            },
            ("POST", ["api", "payments"], 201) => Acknowledged::Payment {
                payment: told("/id")?,
                order: self.body["orderId"].as_str()?.parse().ok()?,
            },
            _ => return None,
        })
    }

    /// Whether it was refused in words, as every refusal has to be; also true of what was not refused.
    pub(crate) fn is_clear(&self) -> bool {
        if self.status.is_none_or(|status| status < 400) {
            return true;
        }
        let errors = self.answer["errors"].as_array();
        let message = errors.and_then(|errors| errors.first()?.get("message")?.as_str());
        message.is_some_and(|message| !message.is_empty())
    }
}
