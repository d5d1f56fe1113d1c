//! An answer that is kept, and what is made of it for whoever asks.

use std::hash::{DefaultHasher, Hasher as _};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{
    AGE, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, ETAG, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Empty, Full};

use super::groups::{CACHE_GROUPS, Group};
use crate::body::ResponseBody;
use crate::request_id::REQUEST_ID;

/// How an answer has come about (RFC 9211).
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// What an entry takes besides its texts, roughly, in bytes.
const OVERHEAD: usize = 512;

/// A whole answer, as it goes to clients: compressed, if it is.
#[derive(Debug)]
pub struct Stored {
    headers: HeaderMap,
    body: Bytes,
    /// When the origin was asked: what the answer says was true at that time or later.
    asked: Instant,
    lifetime: Duration,
    groups: Box<[Group]>,
}

impl Stored {
    pub fn new(
        mut headers: HeaderMap,
        body: Bytes,
        asked: Instant,
        lifetime: Duration,
        address: Group,
    ) -> Self {
        // Of one exchange: the date is that of the moment at which a client gets the answer, and `Age` says the rest.
        for name in [AGE, CONTENT_LENGTH, DATE, REQUEST_ID, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        headers.entry(ETAG).or_insert_with(|| tag(&body));
        let mut groups = Group::listed(&headers, &CACHE_GROUPS);
        groups.push(address);
        Self {
            headers,
            body,
            asked,
            lifetime,
            groups: groups.into(),
        }
    }

    pub fn asked(&self) -> Instant {
        self.asked
    }

    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Whether the answer is as young as its origin wants for a request that came at `arrival`.
    pub fn is_fresh(&self, arrival: Instant) -> bool {
        arrival.saturating_duration_since(self.asked) < self.lifetime
    }

    /// How long it is of use to anybody.
    pub fn left(&self) -> Duration {
        self.lifetime.saturating_sub(self.asked.elapsed())
    }

    /// Roughly what it takes, in bytes.
    pub fn size(&self) -> usize {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len() + 64);
        OVERHEAD + self.body.len() + headers.sum::<usize>()
    }

    /// The answer for a request that came at `arrival`: 304 for a client that has it already.
    pub fn answer(&self, arrival: Instant, known: &[HeaderValue]) -> Response<ResponseBody> {
        let body = Full::new(self.body.clone()).map_err(|never| match never {});
        let mut answer = Response::new(body.boxed_unsync());
        *answer.headers_mut() = self.headers.clone();
        let headers = answer.headers_mut();
        let (status, age) = if self.asked < arrival {
            // Rounded up, so that a cache behind this one, which counts in seconds, adds nothing to it.
            let age = self.asked.elapsed().as_micros().div_ceil(1_000_000);
            ("ingress; hit", u64::try_from(age).unwrap_or(u64::MAX))
        } else {
            ("ingress; fwd=miss; stored", 0)
        };
        headers.insert(CACHE_STATUS, HeaderValue::from_static(status));
        headers.insert(AGE, HeaderValue::from(age));
        unless_known(answer, known)
    }
}

/// A weak tag, since another encoding of the same answer says the same. Equal for equal bytes on every host.
fn tag(body: &Bytes) -> HeaderValue {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    let tag = format!("W/\"{:016x}\"", hasher.finish());
    HeaderValue::try_from(tag).unwrap_or_else(|_| HeaderValue::from_static("W/\"\""))
}

/// `answer`, or 304 in its place when the client has said that it knows its tag (RFC 9110, 13.1.2 and 15.4.5).
pub fn unless_known(
    mut answer: Response<ResponseBody>,
    known: &[HeaderValue],
) -> Response<ResponseBody> {
    let is_known = answer
        .headers()
        .get(ETAG)
        .is_some_and(|tag| known.iter().any(|known| lists(known, tag)));
    if is_known && answer.status() == StatusCode::OK {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        for name in [
            CONTENT_ENCODING,
            CONTENT_LENGTH,
            CONTENT_TYPE,
            TRANSFER_ENCODING,
        ] {
            answer.headers_mut().remove(name);
        }
        *answer.body_mut() = Empty::new().map_err(|never| match never {}).boxed_unsync();
    }
    answer
}

/// The weak comparison, which is that of `If-None-Match`.
fn lists(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let weak = |tag: &[u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    let tag = weak(tag.as_bytes());
    known
        .as_bytes()
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .any(|listed| listed == b"*" || weak(listed) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(body: &'static str) -> Stored {
        Stored::new(
            HeaderMap::new(),
            Bytes::from_static(body.as_bytes()),
            Instant::now(),
            Duration::from_secs(1),
            Group(0),
        )
    }

    #[test]
    fn an_answer_is_fresh_for_its_lifetime_and_no_longer() {
        let stored = stored("x");
        assert!(stored.is_fresh(stored.asked));
        assert!(stored.is_fresh(stored.asked + Duration::from_millis(999)));
        assert!(!stored.is_fresh(stored.asked + Duration::from_secs(1)));
    }

    #[test]
    fn equal_answers_have_equal_tags() {
        let tag = |body| stored(body).headers[ETAG].clone();
        assert_eq!(tag("x"), tag("x"));
        assert_ne!(tag("x"), tag("y"));
    }

    #[test]
    fn tags_are_compared_weakly() {
        let lists = |known: &'static str, tag: &'static str| {
            lists(
                &HeaderValue::from_static(known),
                &HeaderValue::from_static(tag),
            )
        };
        assert!(lists("\"a\", W/\"b\"", "\"b\""));
        assert!(lists("\"b\"", "W/\"b\""));
        assert!(lists("*", "\"b\""));
        assert!(!lists("\"a\"", "\"b\""));
    }
}
