//! API keys: `Authorization: Bearer sk_…`, or Basic with the key as user name.
//! See <https://docs.stripe.com/api/authentication>.

use crate::wire::StripeError;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The account's two keys.
#[derive(Debug, Clone)]
pub struct ApiKeys {
    /// `sk_test_…`, for servers.
    pub secret: String,
    /// `pk_test_…`, for browsers, which may only make tokens and payment methods with it.
    pub publishable: String,
}

impl ApiKeys {
    /// Lets a request in.
    ///
    /// # Errors
    /// 401 without a known key; 403 where the publishable key is not enough.
    pub fn check(&self, headers: &HeaderMap, publishable: bool) -> Result<(), StripeError> {
        let given = given(headers).ok_or_else(|| {
            StripeError::invalid_request(
                "You did not provide an API key. You need to provide your API key in the Authorization header, using \
                 Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See \
                 https://stripe.com/docs/api#authentication for details, or we can help at \
                 https://support.stripe.com/.",
            )
            .status(401)
            .unstored()
        })?;
        if given == self.secret {
            return Ok(());
        }
        if given != self.publishable {
            let message = format!("Invalid API Key provided: {}", masked(&given));
            return Err(StripeError::invalid_request(message).status(401).unstored());
        }
        if publishable {
            return Ok(());
        }
        Err(StripeError::invalid_request(
            "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a \
             list of your API keys at https://dashboard.stripe.com/account/apikeys.",
        )
        .code("secret_key_required")
        .status(403)
        .unstored())
    }
}

fn given(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    let key = if scheme.eq_ignore_ascii_case("bearer") {
        rest.trim().to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = String::from_utf8(BASE64_STANDARD.decode(rest.trim()).ok()?).ok()?;
        pair.split(':').next()?.to_owned()
    } else {
        return None;
    };
    (!key.is_empty()).then_some(key)
}

/// A key as Stripe repeats it: its kind, stars, its last four characters.
fn masked(key: &str) -> String {
    let kind = ["sk_test_", "sk_live_", "pk_test_", "pk_live_"]
        .into_iter()
        .find(|kind| key.starts_with(kind))
        .unwrap_or_default();
    let rest: Vec<char> = key.chars().skip(kind.len()).collect();
    let shown = rest.len().min(4);
    let stars = "*".repeat(rest.len() - shown);
    let tail: String = rest[rest.len() - shown..].iter().collect();
    format!("{kind}{stars}{tail}")
}
