//! What a page of the shop may do in a browser: its own scripts, Stripe's where it takes the cards, no
//! frames around it.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::CardForm;

/// Ours alone.
const OURS: &str = "default-src 'none'; \
    script-src 'self'; \
    style-src 'self'; \
    font-src 'self'; \
    img-src 'self'; \
    connect-src 'self'; \
    manifest-src 'self'; \
    base-uri 'none'; \
    form-action 'self'; \
    frame-ancestors 'none'";

/// Ours, and what Stripe.js needs for card fields and 3-D Secure
/// (docs.stripe.com/security/guide#content-security-policy).
const OURS_AND_STRIPES: &str = "default-src 'none'; \
    script-src 'self' https://js.stripe.com https://*.js.stripe.com; \
    style-src 'self'; \
    font-src 'self'; \
    img-src 'self'; \
    connect-src 'self' https://api.stripe.com; \
    manifest-src 'self'; \
    frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; \
    base-uri 'none'; \
    form-action 'self'; \
    frame-ancestors 'none'";

/// What needs no choice. Strict-Transport-Security is not here: whether a domain is bound to https for
/// years is for whoever owns the domain to say, in the proxy that has its certificate.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), usb=()",
    ),
];

/// Adds the security headers to a response.
pub fn harden(headers: &mut HeaderMap, card_form: CardForm) {
    let policy = match card_form {
        CardForm::Stripe => OURS_AND_STRIPES,
        CardForm::Test => OURS,
    };
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(card_form: CardForm) -> String {
        let mut headers = HeaderMap::new();
        harden(&mut headers, card_form);
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned()
    }

    fn rule(policy: &str, name: &str) -> Option<String> {
        let mut rules = policy.split("; ");
        rules.find(|rule| rule.starts_with(name)).map(str::to_owned)
    }

    #[test]
    fn no_inline_script_and_no_frame_around_us() {
        for card_form in [CardForm::Stripe, CardForm::Test] {
            let policy = policy(card_form);
            assert!(!policy.contains("unsafe"));
            assert!(policy.starts_with("default-src 'none'; "));
            assert!(policy.contains("frame-ancestors 'none'"));
        }
    }

    #[test]
    fn stripes_scripts_run_only_where_stripe_takes_the_cards() {
        let scripts = rule(&policy(CardForm::Stripe), "script-src").unwrap();
        assert_eq!(
            scripts,
            "script-src 'self' https://js.stripe.com https://*.js.stripe.com"
        );
        assert!(!policy(CardForm::Test).contains("stripe"));
        assert_eq!(rule(&policy(CardForm::Test), "frame-src"), None);
    }

    #[test]
    fn both_policies_agree_on_everything_but_stripe() {
        for name in [
            "style-src",
            "font-src",
            "img-src",
            "base-uri",
            "form-action",
        ] {
            assert_eq!(
                rule(&policy(CardForm::Stripe), name),
                rule(&policy(CardForm::Test), name)
            );
        }
    }
}
