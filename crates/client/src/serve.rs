//! A request for a file, answered.

use http::{HeaderValue, Method, StatusCode, header};
use kit::{Request, Response};

use crate::Site;
use crate::caching::{cache_control, entity_tag, is_fresh};
use crate::content_type::content_type;
use crate::early_data::early_data;
use crate::encoding::{Encoding, negotiate};

/// Answers `request` with a file of `site`, 304 when the client has it already, or the error that it
/// deserves.
#[must_use]
pub fn serve(site: &Site, request: &Request) -> Response {
    let Some(asset) = site.resolve(request.uri().path()) else {
        return kit::not_found();
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return kit::method_not_allowed("GET, HEAD");
    }
    let encoding = negotiate(request.headers(), asset);
    let tag = entity_tag(asset, encoding);
    let mut response = if is_fresh(request.headers(), &tag) {
        kit::empty(StatusCode::NOT_MODIFIED)
    } else {
        let mut response = Response::new(encoding.bytes(asset).unwrap_or(asset.identity).to_vec());
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(content_type(asset.path)),
        );
        if encoding != Encoding::Identity {
            headers.insert(
                header::CONTENT_ENCODING,
                HeaderValue::from_static(encoding.name()),
            );
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(cache_control(asset.path)),
    );
    if asset.path == "/index.html"
        && let Some(link) = early_data(request.uri())
    {
        headers.insert(header::LINK, link);
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    // Digests are hexadecimal, so a tag is always a header value.
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Asset;

    const SITE: Site = Site::new(&[
        Asset {
            path: "/assets/app-D4f5k2xQ.js",
            digest: "js",
            identity: b"script",
            brotli: Some(b"br"),
            gzip: Some(b"gz"),
        },
        Asset {
            path: "/index.html",
            digest: "html",
            identity: b"page",
            brotli: None,
            gzip: None,
        },
    ]);

    fn ask(method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = http::Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        serve(&SITE, &request.body(vec![]).unwrap())
    }

    #[test]
    fn a_built_file_comes_compressed_and_is_kept() {
        let response = ask(
            "GET",
            "/assets/app-D4f5k2xQ.js",
            &[("accept-encoding", "gzip, br")],
        );
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), b"br");
        assert_eq!(
            response.headers()["content-type"],
            "text/javascript; charset=utf-8"
        );
        assert_eq!(response.headers()["content-encoding"], "br");
        assert_eq!(response.headers()["vary"], "Accept-Encoding");
        assert_eq!(response.headers()["etag"], "\"js-br\"");
        assert!(
            response.headers()["cache-control"]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
    }

    #[test]
    fn a_client_that_has_it_is_told_so_in_few_words() {
        let response = ask("GET", "/orders", &[("if-none-match", "\"html\"")]);
        assert_eq!(response.status(), 304);
        assert!(response.body().is_empty());
        assert_eq!(response.headers()["etag"], "\"html\"");
        assert_eq!(response.headers()["cache-control"], "no-cache");
    }

    #[test]
    fn a_copy_in_another_encoding_is_another_copy() {
        let response = ask(
            "GET",
            "/assets/app-D4f5k2xQ.js",
            &[("if-none-match", "\"js-br\"")],
        );
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), b"script");
        assert!(!response.headers().contains_key("content-encoding"));
    }

    #[test]
    fn what_is_not_there_is_not_found_in_the_shape_of_errors() {
        for path in ["/favicon.ico", "/api/nothing"] {
            let response = ask("GET", path, &[]);
            assert_eq!(response.status(), 404, "{path}");
            assert!(response.body().starts_with(b"{\"errors\""));
        }
    }

    #[test]
    fn a_page_says_what_it_will_ask_for_and_a_file_does_not() {
        for known in ["\"other\"", "\"html\""] {
            let page = ask("GET", "/", &[("if-none-match", known)]);
            assert!(page.headers().contains_key("link"), "{}", page.status());
        }
        let script = ask("GET", "/assets/app-D4f5k2xQ.js", &[]);
        assert!(!script.headers().contains_key("link"));
    }

    #[test]
    fn a_page_can_only_be_read() {
        let response = ask("DELETE", "/orders", &[]);
        assert_eq!(response.status(), 405);
        assert_eq!(response.headers()["allow"], "GET, HEAD");
        assert_eq!(ask("POST", "/api/nothing", &[]).status(), 404);
    }
}
