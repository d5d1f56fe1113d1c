//! What a cache between the shop and its visitors may do: keep an answer for everybody (RFC 9111), and which answers a
//! write has made stale (RFC 9875).

use http::{HeaderName, HeaderValue, header};

use crate::Response;

const CACHE_GROUPS: HeaderName = HeaderName::from_static("cache-groups");
const CACHE_GROUP_INVALIDATION: HeaderName = HeaderName::from_static("cache-group-invalidation");

/// For one second, by caches that many share and that are told of writes. A browser, which is not, asks every time.
const FOR_A_SECOND: HeaderValue = HeaderValue::from_static("public, max-age=0, s-maxage=1");
/// By nobody.
const NOT_AT_ALL: HeaderValue = HeaderValue::from_static("private, no-store");

/// Lets everybody have this answer for a second, unless something in one of `groups` is written before.
/// Names of groups are words of plain ASCII.
#[must_use]
pub fn shared(mut response: Response, groups: &[&str]) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, FOR_A_SECOND);
    insert_list(headers, CACHE_GROUPS, groups);
    response
}

/// Keeps this answer for the one who gets it.
#[must_use]
pub fn personal(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NOT_AT_ALL);
    response
}

/// Says that a write has changed what is in `groups`.
#[must_use]
pub fn changing(mut response: Response, groups: &[&str]) -> Response {
    insert_list(response.headers_mut(), CACHE_GROUP_INVALIDATION, groups);
    response
}

/// A list of strings (RFC 9651, 3.1).
fn insert_list(headers: &mut http::HeaderMap, name: HeaderName, groups: &[&str]) {
    let quoted: Vec<String> = groups.iter().map(|group| format!("\"{group}\"")).collect();
    if let Ok(list) = HeaderValue::try_from(quoted.join(", ")) {
        headers.insert(name, list);
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    #[test]
    fn a_shared_answer_says_for_how_long_and_what_makes_it_stale() {
        let response = shared(crate::empty(StatusCode::OK), &["a", "b-1"]);
        let cache_control = &response.headers()["cache-control"];
        assert_eq!(cache_control, "public, max-age=0, s-maxage=1");
        assert_eq!(response.headers()["cache-groups"], r#""a", "b-1""#);
    }

    #[test]
    fn a_write_says_what_it_has_changed() {
        let response = changing(crate::empty(StatusCode::OK), &["a"]);
        assert_eq!(response.headers()["cache-group-invalidation"], r#""a""#);
    }
}
