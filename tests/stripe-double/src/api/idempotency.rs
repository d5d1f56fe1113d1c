//! Idempotency keys: the first answer of a key is its only one.
//! See <https://docs.stripe.com/api/idempotent_requests>.

use crate::store::StoredAnswer;
use crate::wire::StripeError;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// The longest key that Stripe takes.
const MAX_LENGTH: usize = 255;

/// What tells a repetition from another request.
pub struct KeyedRequest {
    pub key: String,
    pub path: String,
    /// Digest of the parameters.
    pub fingerprint: String,
}

impl KeyedRequest {
    /// A request with a key that Stripe would take.
    ///
    /// # Errors
    /// 400 for a key that is too long.
    pub fn new(key: &str, path: &str, fingerprint: String) -> Result<Self, StripeError> {
        if key.len() > MAX_LENGTH {
            return Err(StripeError::idempotency(format!(
                "Idempotency keys may be at most {MAX_LENGTH} characters long."
            )));
        }
        Ok(Self {
            key: key.to_owned(),
            path: path.to_owned(),
            fingerprint,
        })
    }

    /// Whether `kept` is this request's own answer.
    ///
    /// # Errors
    /// `idempotency_error` when the key was used for another path or with other parameters.
    pub fn check(&self, kept: &StoredAnswer) -> Result<(), StripeError> {
        let key = &self.key;
        let advice = format!(
            "Try using a key other than '{key}' if you meant to execute a different request."
        );
        if kept.path != self.path {
            return Err(StripeError::idempotency(format!(
                "Keys for idempotent requests can only be used for the same endpoint they were first used for \
                 ('{}' vs '{}'). {advice}",
                self.path, kept.path
            )));
        }
        if kept.fingerprint != self.fingerprint {
            return Err(StripeError::idempotency(format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. \
                 {advice}"
            )));
        }
        Ok(())
    }
}

/// The keys of the requests that are being executed.
#[derive(Debug, Clone, Default)]
pub struct KeysInUse(Arc<Mutex<HashSet<String>>>);

impl KeysInUse {
    /// Takes a key until the returned guard is dropped.
    ///
    /// # Errors
    /// 409 `idempotency_key_in_use`.
    pub fn enter(&self, key: &str) -> Result<KeyInUse, StripeError> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !keys.insert(key.to_owned()) {
            return Err(StripeError::idempotency(format!(
                "There is currently another in-progress request using this Idempotent Key (that probably means you \
                 submitted twice, and the other request is still going through): {key}. Please try again later."
            ))
            .code("idempotency_key_in_use")
            .status(409));
        }
        Ok(KeyInUse {
            keys: self.clone(),
            key: key.to_owned(),
        })
    }
}

/// A key that is taken.
pub struct KeyInUse {
    keys: KeysInUse,
    key: String,
}

impl Drop for KeyInUse {
    fn drop(&mut self) {
        self.keys
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_free_again_when_its_request_is_over() {
        let keys = KeysInUse::default();
        let first = keys.enter("k");
        assert_eq!(keys.enter("k").err().map(|error| error.status), Some(409));
        drop(first);
        assert!(keys.enter("k").is_ok());
    }

    #[test]
    fn a_key_over_255_characters_is_refused() {
        assert!(KeyedRequest::new(&"k".repeat(255), "/", String::new()).is_ok());
        assert!(KeyedRequest::new(&"k".repeat(256), "/", String::new()).is_err());
    }
}
