//! Cross-site request forgery: a state-changing request that another site's page sends is refused.
//! Browsers put `Origin` (RFC 6454) on every such request; programs send none and are not affected.

use http::{Method, Request, StatusCode, Uri, header};

use crate::ApiError;

/// Refuses a state-changing request whose `Origin` names another site than the one it was sent to.
///
/// # Errors
/// 403.
pub fn refuse_foreign_origin<B>(request: &Request<B>) -> Result<(), ApiError> {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return Ok(());
    }
    let Some(origin) = request.headers().get(header::ORIGIN) else {
        return Ok(());
    };
    let own = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let theirs = origin
        .to_str()
        .ok()
        .and_then(|text| text.parse::<Uri>().ok())
        .and_then(|uri| uri.authority().map(ToString::to_string));
    match (own, theirs) {
        (Some(own), Some(theirs)) if own.eq_ignore_ascii_case(&theirs) => Ok(()),
        _ => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "Requests from another site are refused",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: Method, origin: Option<&str>) -> Request<()> {
        let mut builder = Request::builder()
            .method(method)
            .header("host", "127.0.0.1:8000");
        if let Some(origin) = origin {
            builder = builder.header("origin", origin);
        }
        builder.body(()).unwrap()
    }

    #[test]
    fn our_own_pages_and_programs_may_write() {
        assert!(
            refuse_foreign_origin(&request(Method::POST, Some("http://127.0.0.1:8000"))).is_ok()
        );
        assert!(refuse_foreign_origin(&request(Method::POST, None)).is_ok());
    }

    #[test]
    fn another_site_may_read_but_not_write() {
        for origin in [
            "http://evil.example",
            "http://127.0.0.1:9000",
            "null",
            "http://127.0.0.1:8000.evil.example",
        ] {
            assert!(refuse_foreign_origin(&request(Method::GET, Some(origin))).is_ok());
            let error = refuse_foreign_origin(&request(Method::DELETE, Some(origin))).unwrap_err();
            assert_eq!(error.status(), 403, "{origin}");
        }
    }
}
