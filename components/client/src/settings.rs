//! `GET /api/config`: what the web app has to know of how the shop is set up.

use client_rules::CardForm;
use edge::{ConfigError, optional};
use http::{HeaderValue, StatusCode, header};
use kit::{ApiError, Response};
use serde_json::json;

/// What prices are in, when the configuration does not say.
const DEFAULT_CURRENCY: &str = "usd";

/// The key with which a browser talks to Stripe, null without one, the currency (ISO 4217, in small
/// letters as Stripe has it), and whose card fields a checkout shows.
pub fn answer() -> Result<Response, ApiError> {
    let settings = json!({
        "publishableKey": optional("STRIPE_PUBLISHABLE_KEY")?,
        "currency": currency()?,
        "cardForm": card_form()?.name(),
    });
    let mut response = kit::json(StatusCode::OK, &settings);
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

pub fn currency() -> Result<String, ConfigError> {
    Ok(optional("CURRENCY")?.unwrap_or_else(|| DEFAULT_CURRENCY.to_owned()))
}

pub fn card_form() -> Result<CardForm, ConfigError> {
    let (base, key) = (
        optional("STRIPE_API_BASE")?,
        optional("STRIPE_PUBLISHABLE_KEY")?,
    );
    Ok(CardForm::choose(base.as_deref(), key.as_deref()))
}
