//! What a page of the shop may do in a browser: its own scripts and Stripe's, no frames around it.

use http::{HeaderMap, HeaderName, HeaderValue, header};

/// Ours alone, and what Stripe.js needs for card fields and 3-D Secure
/// (docs.stripe.com/security/guide#content-security-policy).
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; \
    script-src 'self' https://js.stripe.com; \
    frame-src https://js.stripe.com https://hooks.stripe.com; \
    connect-src 'self' https://api.stripe.com; \
    img-src 'self' data:; \
    object-src 'none'; \
    base-uri 'none'; \
    form-action 'self'; \
    frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Adds the security headers to a response.
pub fn harden(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> String {
        let mut headers = HeaderMap::new();
        harden(&mut headers);
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned()
    }

    #[test]
    fn no_inline_script_and_no_frame_around_us() {
        assert!(!policy().contains("unsafe"));
        assert!(policy().contains("frame-ancestors 'none'"));
    }

    #[test]
    fn only_our_scripts_and_stripes_run() {
        let policy = policy();
        let scripts = policy
            .split("; ")
            .find(|rule| rule.starts_with("script-src"))
            .unwrap();
        assert_eq!(scripts, "script-src 'self' https://js.stripe.com");
    }
}
