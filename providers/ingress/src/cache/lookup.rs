//! Which requests may be answered from what is kept, and what has to be known of them.

use std::time::Instant;

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, HOST, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE,
    IF_UNMODIFIED_SINCE, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, request};

use super::groups::Group;
use super::recent_writes::RecentWrites;

/// Requests with one of these go to the origin: their answers are for one client, or for one part, or only the origin
/// can judge them.
const FOR_THE_ORIGIN: [HeaderName; 6] = [
    AUTHORIZATION,
    RANGE,
    IF_RANGE,
    IF_MATCH,
    IF_UNMODIFIED_SINCE,
    // With `If-None-Match` it means nothing (RFC 9110, 13.1.3), and without it hardly anybody asks.
    IF_MODIFIED_SINCE,
];

/// A read that others may ask as well.
#[derive(Debug)]
pub struct Lookup {
    /// Host, path, query and the encodings that the client accepts: what is the same for the same answer.
    pub key: String,
    pub address: Group,
    pub arrival: Instant,
    /// The tags that the client has.
    pub known: Vec<HeaderValue>,
    pub recent: RecentWrites,
}

impl Lookup {
    /// `None` for what must not be answered from the cache. Takes the client's tags out of the request: whoever asks the
    /// origin for all needs the whole answer, and each client's tag is compared here.
    pub fn of(head: &mut request::Parts, arrival: Instant) -> Option<Self> {
        let headers = &mut head.headers;
        if head.method != Method::GET || FOR_THE_ORIGIN.iter().any(|it| headers.contains_key(it)) {
            return None;
        }
        let known = headers.get_all(IF_NONE_MATCH).iter().cloned().collect();
        headers.remove(IF_NONE_MATCH);
        let target = head.uri.path_and_query()?.as_str();
        Some(Self {
            key: key(headers, target)?,
            address: Group::of_address(host(headers), target),
            arrival,
            known,
            recent: RecentWrites::of(headers),
        })
    }
}

/// The request's host; none for one that was never settled.
pub fn host(headers: &HeaderMap) -> &[u8] {
    headers.get(HOST).map_or(&[], HeaderValue::as_bytes)
}

/// `None` when a header is not text. A line break separates the parts: none of them can have one.
fn key(headers: &HeaderMap, target: &str) -> Option<String> {
    let host = headers.get(HOST).map_or(Ok(""), HeaderValue::to_str).ok()?;
    let mut key = format!("{host}\n{target}");
    for accepted in headers.get_all(ACCEPT_ENCODING) {
        key.push('\n');
        key.push_str(accepted.to_str().ok()?);
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(method: &str, headers: &[(&'static str, &str)]) -> Option<Lookup> {
        let mut request = http::Request::builder().method(method).uri("/a?b=c");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        let lookup = Lookup::of(&mut head, Instant::now());
        assert!(lookup.is_none() || !head.headers.contains_key(IF_NONE_MATCH));
        lookup
    }

    fn key(headers: &[(&'static str, &str)]) -> String {
        lookup("GET", headers).unwrap().key
    }

    #[test]
    fn the_same_question_has_the_same_key_whoever_asks() {
        let asked = key(&[("host", "a"), ("accept-encoding", "br")]);
        let also = [
            ("host", "a"),
            ("accept-encoding", "br"),
            ("cookie", "session=x"),
            ("if-none-match", "*"),
        ];
        assert_eq!(key(&also), asked);
        for other in [
            &[("host", "a")][..],
            &[("host", "b"), ("accept-encoding", "br")],
            &[("host", "a"), ("accept-encoding", "gzip")],
        ] {
            assert_ne!(key(other), asked);
        }
    }

    #[test]
    fn what_only_the_origin_can_judge_goes_there() {
        assert!(lookup("HEAD", &[]).is_none());
        assert!(lookup("POST", &[]).is_none());
        for header in ["authorization", "range", "if-match", "if-modified-since"] {
            assert!(lookup("GET", &[(header, "x")]).is_none(), "{header}");
        }
    }
}
