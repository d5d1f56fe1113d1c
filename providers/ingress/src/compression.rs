//! Which answers are compressed on their way out, and what that does to their entity tag.

use http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use http::{Extensions, HeaderMap, HeaderValue, Response, StatusCode, Version};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate as _, SizeAbove};

type Compressible = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// Below this size a compressed answer takes as many packets as a plain one.
const SMALLEST_BYTES: u16 = 1024;

/// Between speed and size for answers that are compressed each time they are asked for.
const QUALITY: i32 = 4;

/// Brotli or gzip, as the client prefers, for text of at least 1 KiB that is not encoded yet.
pub fn layer() -> CompressionLayer<And<SizeAbove, Compressible>> {
    CompressionLayer::new()
        .br(true)
        .gzip(true)
        .quality(CompressionLevel::Precise(QUALITY))
        .compress_when(SizeAbove::new(SMALLEST_BYTES).and(compressible as Compressible))
}

fn compressible(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let text = |name| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_ascii_lowercase()
    };
    is_text(&text(CONTENT_TYPE)) && !text(CACHE_CONTROL).contains("no-transform")
}

fn is_text(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    let known = matches!(
        essence,
        "application/json"
            | "application/javascript"
            | "application/xml"
            | "application/wasm"
            | "image/svg+xml"
    );
    // A stream of events must leave at once; an encoder would hold it back.
    let text = essence.starts_with("text/") && essence != "text/event-stream";
    known || text || essence.ends_with("+json") || essence.ends_with("+xml")
}

/// Marks an answer that was not encoded when it came from its upstream.
#[derive(Clone, Copy, Debug)]
pub struct NotEncodedUpstream;

/// A strong entity tag names exact bytes, which compression here has changed (RFC 9110, 8.8.1).
pub fn weaken_entity_tag<B>(response: &mut Response<B>) {
    let compressed_here = response.extensions().get::<NotEncodedUpstream>().is_some()
        && response.headers().contains_key(CONTENT_ENCODING);
    if !compressed_here {
        return;
    }
    let weak = response
        .headers()
        .get(ETAG)
        .filter(|tag| tag.as_bytes().starts_with(b"\""))
        .and_then(|tag| HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()).ok());
    if let Some(weak) = weak {
        response.headers_mut().insert(ETAG, weak);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_compressible_and_other_things_are_not() {
        for yes in [
            "application/json",
            "application/problem+json",
            "text/html; charset=utf-8",
            "image/svg+xml",
            "application/javascript",
        ] {
            assert!(is_text(yes), "{yes}");
        }
        for no in [
            "",
            "image/png",
            "font/woff2",
            "application/zip",
            "text/event-stream",
        ] {
            assert!(!is_text(no), "{no}");
        }
    }

    #[test]
    fn no_transform_is_respected() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/css"));
        headers.insert(
            CACHE_CONTROL,
            HeaderValue::from_static("public, No-Transform"),
        );
        let extensions = Extensions::new();
        assert!(!compressible(
            StatusCode::OK,
            Version::HTTP_11,
            &headers,
            &extensions
        ));
    }

    #[test]
    fn only_compression_done_here_weakens_a_strong_tag() {
        let tag_after = |encoding: bool, plain_upstream: bool| {
            let mut response = Response::new(());
            let headers = response.headers_mut();
            headers.insert(ETAG, HeaderValue::from_static("\"v1\""));
            if encoding {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
            }
            if plain_upstream {
                response.extensions_mut().insert(NotEncodedUpstream);
            }
            weaken_entity_tag(&mut response);
            response.headers()[ETAG].to_str().unwrap().to_owned()
        };
        assert_eq!(tag_after(true, true), "W/\"v1\"");
        assert_eq!(tag_after(true, false), "\"v1\"");
        assert_eq!(tag_after(false, true), "\"v1\"");
    }
}
