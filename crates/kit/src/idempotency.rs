//! `Idempotency-Key` names a write, so that asking for it again cannot do it twice
//! (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>).

use http::HeaderName;
use uuid::Uuid;

use crate::Request;

/// The header: the client's key, else one that the ingress gives each request.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The id of the write that this request asks for, on behalf of `owner`: what a write creates has it for its own id, what
/// it changes remembers it. A name-based UUID (RFC 9562, 5.5) in the owner's own name space, so that nobody's key meets
/// another's; the name is the key with the method and the path, so that one key for two things is two writes. `None`
/// when the request has no key: then it is a write of its own.
#[must_use]
pub fn write_id(request: &Request, owner: Uuid) -> Option<Uuid> {
    let key = request.headers().get(IDEMPOTENCY_KEY)?.as_bytes();
    if key.is_empty() {
        return None;
    }
    let target = format!("{} {}\n", request.method(), request.uri().path());
    Some(Uuid::new_v5(&owner, &[target.as_bytes(), key].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: Uuid = Uuid::from_u128(1);
    const BOB: Uuid = Uuid::from_u128(2);

    fn request(method: &str, path: &str, key: &str) -> Request {
        http::Request::builder()
            .method(method)
            .uri(path)
            .header(IDEMPOTENCY_KEY, key)
            .body(vec![])
            .unwrap()
    }

    fn order(key: &str) -> Request {
        request("POST", "/api/orders", key)
    }

    #[test]
    fn the_same_key_is_the_same_write() {
        let first = write_id(&order("a"), ANN);
        assert!(first.is_some());
        assert_eq!(write_id(&order("a"), ANN), first);
        assert_ne!(write_id(&order("b"), ANN), first);
    }

    #[test]
    fn nobodys_key_is_anothers() {
        assert_ne!(write_id(&order("a"), ANN), write_id(&order("a"), BOB));
    }

    #[test]
    fn one_key_for_two_things_is_two_writes() {
        let ticket = request("POST", "/api/tickets", "a");
        assert_ne!(write_id(&ticket, ANN), write_id(&order("a"), ANN));
        let (put, delete) = (
            request("PUT", "/api/tickets/1", "a"),
            request("DELETE", "/api/tickets/1", "a"),
        );
        assert_ne!(write_id(&put, ANN), write_id(&delete, ANN));
    }

    #[test]
    fn without_a_key_every_write_is_its_own() {
        assert_eq!(write_id(&http::Request::new(vec![]), ANN), None);
        assert_eq!(write_id(&order(""), ANN), None);
    }
}
