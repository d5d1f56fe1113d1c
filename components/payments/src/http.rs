//! The routes below `/api/payments`.

use edge::{ConfigError, Postgres};
use http::StatusCode;
use kit::{ApiError, Fields, Request, Response};
use payments_rules::{Currency, PaymentRequest};
use serde_json::json;

use crate::stripe;

pub fn handle(request: Request) -> Result<Response, ApiError> {
    if kit::is_health_check(&request) {
        return kit::health("payments", &Postgres);
    }
    match (
        request.method().as_str(),
        kit::segments(&request).as_slice(),
    ) {
        ("POST", []) => pay(&request),
        ("POST", ["webhook"]) => webhook(&request),
        (_, [] | ["webhook"]) => Ok(kit::method_not_allowed("POST")),
        _ => Ok(kit::not_found()),
    }
}

fn pay(request: &Request) -> Result<Response, ApiError> {
    let buyer = edge::signed_in(request)?.user_id;
    let wish = PaymentRequest::read(&Fields::read(request)?)?;
    let (currency, stripe) = (currency()?, stripe::account()?);
    let write = kit::write_id(request, buyer);
    let trace = kit::traceparent(request.headers());
    // An order that was made a moment ago may not be known here yet.
    let payment = edge::wait_for(|| {
        payments_rules::pay(&Postgres, &stripe, &wish.payment_method, || {
            payments_rules::claim(&Postgres, &wish, buyer, &currency, write, trace)
        })
    })?;
    payment.ok_or_else(ApiError::not_found)?.answer()
}

/// Stripe has no session: its signature says who it is.
fn webhook(request: &Request) -> Result<Response, ApiError> {
    let secret = edge::secret("STRIPE_WEBHOOK_SECRET")?;
    let header = request
        .headers()
        .get("stripe-signature")
        .and_then(|value| value.to_str().ok());
    let signed = payments_rules::verify(&secret, header.unwrap_or_default(), request.body())
        .map_err(|error| ApiError::bad_request(error.to_string()))?;
    payments_rules::receive(&Postgres, signed)?;
    Ok(kit::json(StatusCode::OK, &json!({ "received": true })))
}

fn currency() -> Result<Currency, ConfigError> {
    const NAME: &str = "CURRENCY";
    edge::optional(NAME)?.map_or_else(
        || Ok(Currency::default()),
        |code| {
            code.parse()
                .map_err(|error| ConfigError::malformed(NAME, error))
        },
    )
}
