//! What an origin says about who may keep its answer, and for how long (RFC 9111, 5.2.2).

use std::time::Duration;

use http::header::{
    ACCEPT_ENCODING, AGE, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, HeaderMap, SET_COOKIE, VARY,
};
use http::{HeaderName, StatusCode};

/// An answer that is larger is not kept, in bytes.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// For how long the door may give an answer with this head to others; `None` when it may not at all. It may only where
/// the origin says so outright: nothing is guessed from dates, and an error is nobody's but the one who got it.
pub fn shared_for(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    let personal = headers.contains_key(SET_COOKIE);
    let partial = status != StatusCode::OK || headers.contains_key(CONTENT_RANGE);
    let large = seconds_of(headers, CONTENT_LENGTH).is_some_and(|it| it > LARGEST_BODY as u64);
    if personal || partial || large || varies_by_more_than_encoding(headers) {
        return None;
    }
    let age = seconds_of(headers, AGE).unwrap_or(0);
    let left = Directives::read(headers)
        .shared_seconds()?
        .checked_sub(age)?;
    (left > 0).then(|| Duration::from_secs(left))
}

/// Answers are kept by `Accept-Encoding` and by nothing else that a request says.
fn varies_by_more_than_encoding(headers: &HeaderMap) -> bool {
    headers
        .get_all(VARY)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .any(|name| {
            !name
                .trim_ascii()
                .eq_ignore_ascii_case(ACCEPT_ENCODING.as_str().as_bytes())
        })
}

fn seconds_of(headers: &HeaderMap, name: HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// The directives of `Cache-Control` that are about a cache that many share.
#[derive(Debug, Default)]
struct Directives {
    public: bool,
    forbidden: bool,
    max_age: Option<u64>,
    s_maxage: Option<u64>,
}

impl Directives {
    fn read(headers: &HeaderMap) -> Self {
        let mut read = Self::default();
        let lines = headers.get_all(CACHE_CONTROL).iter();
        let texts = lines.filter_map(|line| line.to_str().ok());
        for directive in texts.flat_map(|line| line.split(',')) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            // What is no number is as stale as can be (RFC 9111, 4.2.1).
            let seconds = || Some(value.trim().trim_matches('"').parse().unwrap_or(0));
            match name.trim().to_ascii_lowercase().as_str() {
                "public" => read.public = true,
                "private" | "no-store" | "no-cache" => read.forbidden = true,
                "max-age" => read.max_age = seconds(),
                "s-maxage" => read.s_maxage = seconds(),
                _ => {}
            }
        }
        read
    }

    /// `s-maxage` is said to shared caches alone; `max-age` counts for them when the answer is `public`, too.
    fn shared_seconds(&self) -> Option<u64> {
        if self.forbidden {
            return None;
        }
        self.s_maxage
            .or_else(|| self.public.then_some(self.max_age).flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(lines: &[(&'static str, &str)]) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        shared_for(StatusCode::OK, &headers).map(|it| it.as_secs())
    }

    fn by(cache_control: &str) -> Option<u64> {
        shared(&[("cache-control", cache_control)])
    }

    #[test]
    fn an_answer_is_shared_for_as_long_as_its_origin_says() {
        assert_eq!(by("public, max-age=0, s-maxage=1"), Some(1));
        assert_eq!(by("S-MaxAge=\"3\""), Some(3));
        assert_eq!(by("public, max-age=31536000, immutable"), Some(31_536_000));
    }

    #[test]
    fn what_is_not_outright_for_everybody_is_not_shared() {
        for cache_control in [
            "max-age=1",
            "public",
            "no-cache",
            "private, max-age=1, s-maxage=1",
            "no-store, s-maxage=1",
            "public, no-cache=\"set-cookie\", max-age=1",
            "s-maxage=0",
            "s-maxage=soon",
            "public, max-age=9, s-maxage=0",
        ] {
            assert_eq!(by(cache_control), None, "{cache_control}");
        }
        assert_eq!(shared(&[]), None);
    }

    #[test]
    fn what_sets_a_cookie_or_depends_on_one_is_not_shared() {
        const SHARED: (&str, &str) = ("cache-control", "s-maxage=9");
        assert_eq!(shared(&[SHARED, ("set-cookie", "a=b")]), None);
        assert_eq!(shared(&[SHARED, ("vary", "Accept-Encoding, Cookie")]), None);
        assert_eq!(shared(&[SHARED, ("vary", "*")]), None);
        assert_eq!(shared(&[SHARED, ("vary", "accept-encoding")]), Some(9));
    }

    #[test]
    fn errors_parts_and_large_answers_are_not_shared() {
        const SHARED: (&str, &str) = ("cache-control", "s-maxage=9");
        assert_eq!(shared(&[SHARED, ("content-range", "bytes 0-1/2")]), None);
        assert_eq!(shared(&[SHARED, ("content-length", "1048577")]), None);
        assert_eq!(shared(&[SHARED, ("content-length", "1048576")]), Some(9));
        let headers = HeaderMap::from_iter([(CACHE_CONTROL, "s-maxage=9".parse().unwrap())]);
        for status in [206, 301, 304, 404, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(shared_for(status, &headers), None, "{status}");
        }
    }

    #[test]
    fn time_that_another_cache_has_used_up_counts() {
        assert_eq!(
            shared(&[("cache-control", "s-maxage=9"), ("age", "4")]),
            Some(5)
        );
        assert_eq!(
            shared(&[("cache-control", "s-maxage=1"), ("age", "1")]),
            None
        );
    }
}
