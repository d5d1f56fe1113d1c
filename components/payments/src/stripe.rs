//! Stripe over `wasi:http`, with the account that the configuration names.

use std::time::Duration;

use edge::ConfigError;
use payments_rules::{Account, AccountError, Connection, Silence, Stripe};

/// How long each step of a request may take. Stripe takes a second or two for a card.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The way to Stripe.
pub struct WasiHttp;

impl Connection for WasiHttp {
    fn send(&self, request: &http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, Silence> {
        edge::fetch(request, TIMEOUT).map_err(|error| Silence(error.to_string()))
    }

    fn pause(&self, duration: Duration) {
        edge::pause(duration);
    }

    fn report(&self, trouble: &str) {
        edge::warn(trouble);
    }
}

/// The account of `STRIPE_SECRET_KEY` at `STRIPE_API_BASE`.
pub fn account() -> Result<Stripe<WasiHttp>, ConfigError> {
    const BASE: &str = "STRIPE_API_BASE";
    const KEY: &str = "STRIPE_SECRET_KEY";
    let account = Account::new(&edge::required(BASE)?, &edge::secret(KEY)?).map_err(|error| {
        let name = match error {
            AccountError::Base => BASE,
            AccountError::Key => KEY,
        };
        ConfigError::malformed(name, error)
    })?;
    Ok(Stripe::new(account, WasiHttp))
}
