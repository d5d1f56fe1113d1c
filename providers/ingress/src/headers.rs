//! Which headers pass the door: hop-by-hop ones stop here (RFC 9110, section 7.6.1), and what is
//! said about the client is what the ingress saw, not what the client claims.

use std::net::IpAddr;

use http::header::{
    CONNECTION, CONTENT_LENGTH, EXPECT, FORWARDED, HOST, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Version};

use crate::error::GatewayError;
use crate::request_id::ascii;
use crate::settings::Scheme;

const X_FORWARDED: &str = "x-forwarded-";
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Makes `Host` the one and only authority of the request: that of an absolute request target
/// (RFC 9112, section 3.2.2), else the header, which HTTP/1.0 may lack.
///
/// # Errors
/// `Host` when there are several, or none in HTTP/1.1, or it is not `host[:port]`.
pub fn settle_host(
    headers: &mut HeaderMap,
    target: Option<&Authority>,
    version: Version,
) -> Result<(), GatewayError> {
    let sent = headers.get_all(HOST).iter().count();
    if sent > 1 || (sent == 0 && version == Version::HTTP_11) {
        return Err(GatewayError::Host);
    }
    if let Some(authority) = target {
        let host = HeaderValue::from_str(authority.as_str()).map_err(|_| GatewayError::Host)?;
        headers.insert(HOST, host);
    }
    match headers.get(HOST) {
        Some(host) if Authority::try_from(host.as_bytes()).is_err() => Err(GatewayError::Host),
        Some(host) if host.as_bytes().contains(&b'@') => Err(GatewayError::Host),
        _ => Ok(()),
    }
}

/// Turns a client's headers into those for an upstream, which gets its own framing and the
/// original `Host`.
pub fn for_upstream(headers: &mut HeaderMap, client: IpAddr, scheme: Scheme) {
    remove_hop_by_hop(headers);
    for name in [CONTENT_LENGTH, EXPECT, FORWARDED, X_REAL_IP] {
        headers.remove(name);
    }
    let claimed: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with(X_FORWARDED))
        .cloned()
        .collect();
    for name in claimed {
        headers.remove(name);
    }
    headers.insert(X_FORWARDED_FOR, ascii(client.to_canonical().to_string()));
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(scheme.as_str()));
    if let Some(host) = headers.get(HOST).cloned() {
        headers.insert(X_FORWARDED_HOST, host);
    }
}

/// Removes what was between the upstream and the ingress only.
pub fn for_client(headers: &mut HeaderMap) {
    remove_hop_by_hop(headers);
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named_by_connection: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        // A client must not be able to strip what the request needs to be understood.
        .filter(|name| ![HOST, CONTENT_LENGTH].contains(name))
        .collect();
    for name in named_by_connection.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            })
    }

    #[test]
    fn hop_by_hop_headers_and_those_that_connection_names_stop_here() {
        let mut passed = headers(&[
            ("connection", "keep-alive, X-Secret"),
            ("connection", "upgrade"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("trailer", "x"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("proxy-authorization", "x"),
            ("x-secret", "1"),
            ("accept", "*/*"),
        ]);
        for_client(&mut passed);
        assert_eq!(passed, headers(&[("accept", "*/*")]));
    }

    #[test]
    fn connection_cannot_strip_the_host() {
        let mut passed = headers(&[("host", "a.test"), ("connection", "host")]);
        for_upstream(&mut passed, CLIENT, Scheme::Http);
        assert_eq!(passed[HOST], "a.test");
    }

    #[test]
    fn what_a_client_says_about_itself_is_overwritten() {
        let mut passed = headers(&[
            ("host", "shop.test:8000"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-forwarded-for", "10.0.0.2"),
            ("x-forwarded-proto", "gopher"),
            ("x-forwarded-host", "evil.test"),
            ("x-forwarded-prefix", "/admin"),
            ("x-real-ip", "10.0.0.3"),
            ("forwarded", "for=10.0.0.4"),
        ]);
        for_upstream(&mut passed, CLIENT, Scheme::Https);
        let expected = headers(&[
            ("host", "shop.test:8000"),
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "shop.test:8000"),
        ]);
        assert_eq!(passed, expected);
    }

    #[test]
    fn the_upstream_gets_its_own_framing() {
        let mut passed = headers(&[("content-length", "3"), ("expect", "100-continue")]);
        for_upstream(&mut passed, CLIENT, Scheme::Http);
        assert!(!passed.contains_key(CONTENT_LENGTH));
        assert!(!passed.contains_key(EXPECT));
    }

    #[test]
    fn an_absolute_target_decides_the_host() {
        let mut sent = headers(&[("host", "other.test")]);
        let target = Authority::from_static("shop.test");
        settle_host(&mut sent, Some(&target), Version::HTTP_11).unwrap();
        assert_eq!(sent[HOST], "shop.test");
    }

    #[test]
    fn a_request_needs_one_well_formed_host() {
        let settle = |sent: &[(&'static str, &'static str)], version| {
            settle_host(&mut headers(sent), None, version)
        };
        let refused = Err(GatewayError::Host);
        assert_eq!(settle(&[], Version::HTTP_11), refused);
        assert_eq!(settle(&[], Version::HTTP_10), Ok(()));
        assert_eq!(settle(&[("host", "a/b")], Version::HTTP_11), refused);
        assert_eq!(settle(&[("host", "u@a")], Version::HTTP_11), refused);
        assert_eq!(settle(&[("host", "[::1]:80")], Version::HTTP_11), Ok(()));
        assert_eq!(
            settle(&[("host", "a"), ("host", "a")], Version::HTTP_11),
            refused
        );
    }
}
