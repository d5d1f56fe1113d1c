//! Whose account it is, and the form of a request to it.

use std::fmt;

use http::{HeaderValue, Method, Request, Uri, header};
use thiserror::Error;

/// The API's version that the answers are read by. <https://docs.stripe.com/api/versioning>
const API_VERSION: HeaderValue = HeaderValue::from_static("2025-03-31.basil");

/// An account at Stripe, or at something that answers like it.
pub struct Account {
    /// Without a slash at its end.
    base: String,
    authorization: HeaderValue,
}

/// Configuration that no request can be made with.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum AccountError {
    /// The API's address.
    #[error("must be an http or https address, such as https://api.stripe.com")]
    Base,
    /// The secret key.
    #[error("must be printable ASCII")]
    Key,
}

impl Account {
    /// The account of `secret_key` at `base`, such as `https://api.stripe.com`.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn new(base: &str, secret_key: &str) -> Result<Self, AccountError> {
        let base = base.trim().trim_end_matches('/');
        let uri: Uri = base.parse().map_err(|_| AccountError::Base)?;
        let http = matches!(uri.scheme_str(), Some("http" | "https"));
        if !http || uri.host().is_none_or(str::is_empty) || uri.query().is_some() {
            return Err(AccountError::Base);
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", secret_key.trim()))
            .map_err(|_| AccountError::Key)?;
        authorization.set_sensitive(true);
        Ok(Self {
            base: base.to_owned(),
            authorization,
        })
    }

    /// A request with its parameters as a form. `path` and names are ours, ids in them are Stripe's.
    pub(super) fn request(
        &self,
        method: &Method,
        path: &str,
        form: &[(&'static str, String)],
        idempotency_key: Option<&str>,
    ) -> Request<Vec<u8>> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish()
            .into_bytes();
        // What cannot be an address is refused where it is sent, as one that leads nowhere.
        let uri: Uri = format!("{}{path}", self.base).parse().unwrap_or_default();
        let mut request = Request::new(Vec::new());
        *request.method_mut() = method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.insert(header::AUTHORIZATION, self.authorization.clone());
        headers.insert("stripe-version", API_VERSION);
        if *method == Method::POST {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.insert(header::CONTENT_TYPE, form);
            headers.insert(header::CONTENT_LENGTH, body.len().into());
        }
        if let Some(key) = idempotency_key.and_then(|key| HeaderValue::from_str(key).ok()) {
            headers.insert("idempotency-key", key);
        }
        *request.body_mut() = body;
        request
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_carries_the_key_and_its_parameters_as_a_form() {
        let account = Account::new("https://api.stripe.com/", "sk_test_1").unwrap();
        let form = [("metadata[order_id]", "a b&c".to_owned())];
        let request = account.request(&Method::POST, "/v1/refunds", &form, Some("k"));
        assert_eq!(request.uri(), "https://api.stripe.com/v1/refunds");
        assert_eq!(request.headers()["authorization"], "Bearer sk_test_1");
        assert_eq!(request.headers()["idempotency-key"], "k");
        assert_eq!(request.body(), b"metadata%5Border_id%5D=a+b%26c");
    }

    #[test]
    fn an_address_that_leads_nowhere_is_refused_at_the_start() {
        for base in [
            "",
            "api.stripe.com",
            "ftp://api.stripe.com",
            "https://",
            "/v1",
            "http://a b",
        ] {
            assert_eq!(
                Account::new(base, "sk").err(),
                Some(AccountError::Base),
                "{base}"
            );
        }
        assert_eq!(
            Account::new("http://127.0.0.1:1", "a\nb").err(),
            Some(AccountError::Key)
        );
    }

    #[test]
    fn the_key_is_in_no_debug_output() {
        let account = Account::new("https://api.stripe.com", "sk_live_secret").unwrap();
        assert!(!format!("{account:?}").contains("secret"));
    }
}
