//! What is asked again when no answer comes, and how long that is waited for. wRPC can lose a reply, and then
//! the host waits for it in vain; a component or a host can break off as well.

use std::time::Duration;

use http::{HeaderMap, HeaderName, Method};
use uuid::Uuid;

use crate::request_id::ascii;

/// Names a write, so that upstreams know it when it is asked again
/// (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// How long each attempt of a read but the last may take. One that is asked again does no harm.
const READ: [Duration; 2] = [Duration::from_millis(1500), Duration::from_millis(4000)];

/// The same for writes. They may wait for others, such as Stripe: longer than those usually take, since the one that
/// is asked again while the first is still at work only adds to it.
const KEYED_WRITE: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(8)];

/// How long each attempt but the last may take; none for what must not be repeated.
pub fn patience(method: &Method, idempotent_writes: bool) -> &'static [Duration] {
    if is_read(method) {
        &READ
    } else if idempotent_writes {
        &KEYED_WRITE
    } else {
        &[]
    }
}

/// Gives a write a key of its own, unless the client has given it one.
pub fn ensure_key(method: &Method, headers: &mut HeaderMap) {
    if !is_read(method) && !headers.contains_key(IDEMPOTENCY_KEY) {
        headers.insert(IDEMPOTENCY_KEY, ascii(Uuid::new_v4().to_string()));
    }
}

fn is_read(method: &Method) -> bool {
    [Method::GET, Method::HEAD].contains(method)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const WRITES: [Method; 4] = [Method::POST, Method::PUT, Method::DELETE, Method::PATCH];

    #[test]
    fn writes_are_asked_again_only_of_upstreams_that_know_their_keys() {
        for method in WRITES {
            assert!(patience(&method, false).is_empty(), "{method}");
            assert!(!patience(&method, true).is_empty(), "{method}");
        }
        assert!(!patience(&Method::GET, false).is_empty());
        assert!(!patience(&Method::HEAD, false).is_empty());
    }

    #[test]
    fn every_write_has_a_key_and_the_clients_is_kept() {
        for method in WRITES {
            let mut headers = HeaderMap::new();
            ensure_key(&method, &mut headers);
            let key = headers.remove(IDEMPOTENCY_KEY).unwrap();
            assert!(Uuid::parse_str(key.to_str().unwrap()).is_ok());

            headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_static("mine"));
            ensure_key(&method, &mut headers);
            assert_eq!(headers[IDEMPOTENCY_KEY], "mine");
        }
    }

    #[test]
    fn a_read_has_none() {
        let mut headers = HeaderMap::new();
        ensure_key(&Method::GET, &mut headers);
        assert!(headers.is_empty());
    }
}
