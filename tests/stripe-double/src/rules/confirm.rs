//! Confirming: the moment at which a payment intent tries to get its money.
//! See <https://docs.stripe.com/api/payment_intents/confirm>.

use super::charge::{charge, declined};
use super::unexpected_state;
use crate::objects::{Decline, PaymentIntent, PaymentMethod, Status};
use crate::store::{Change, Transaction};
use crate::wire::{Row, StripeError};
use serde_json::{Value, json};

/// What a confirmation brings along.
#[derive(Default)]
pub struct Confirmation {
    /// Replaces the intent's payment method.
    pub method: Option<PaymentMethod>,
    /// Replaces the intent's return URL.
    pub return_url: Option<String>,
    /// Whether a wish for authentication is a decline.
    pub error_on_requires_action: bool,
}

const AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "card_declined",
    decline_code: Some("authentication_required"),
    message: "Your card was declined. This transaction requires authentication.",
};

/// Refuses a confirmation that a redirect could not come back from.
///
/// # Errors
/// 400, before anything has happened.
pub fn check_return_url(
    intent: &PaymentIntent,
    return_url: Option<&str>,
) -> Result<(), StripeError> {
    let redirects = intent
        .automatic_payment_methods
        .is_some_and(|methods| methods.redirects);
    if !redirects || return_url.is_some() || intent.return_url.is_some() {
        return Ok(());
    }
    Err(StripeError::invalid_request(
        "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these \
         payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't \
         want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and \
         `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    )
    .unstored())
}

/// Confirms an intent: it succeeds, asks for authentication, or is declined.
///
/// # Errors
/// `payment_intent_unexpected_state` when it cannot be confirmed; 402 `card_error` when the card was declined.
pub fn confirm(
    tx: &mut Transaction<'_>,
    mut intent: PaymentIntent,
    confirmation: Confirmation,
) -> Result<PaymentIntent, StripeError> {
    match intent.status {
        Status::Succeeded => {
            return Err(unexpected_state(
                &intent,
                "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
            ));
        }
        Status::Canceled => {
            return Err(unexpected_state(
                &intent,
                "You cannot confirm this PaymentIntent because it has a status of canceled. Only a PaymentIntent with \
                 one of the following statuses may be confirmed: requires_confirmation, requires_action.",
            ));
        }
        Status::RequiresPaymentMethod | Status::RequiresConfirmation | Status::RequiresAction => {}
    }
    let attached = intent.payment_method.as_deref();
    let attached = attached
        .and_then(|id| tx.books().payment_methods.get(id))
        .cloned();
    let Some(method) = confirmation.method.or(attached) else {
        return Err(unexpected_state(
            &intent,
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the \
             PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a \
             payment method or ConfirmationToken.",
        ));
    };
    if method.consumed {
        return Err(StripeError::invalid_request(
            "This PaymentMethod was previously used without being attached to a Customer or was detached from a \
             Customer, and may not be used again.",
        ));
    }
    if confirmation.return_url.is_some() {
        intent.return_url = confirmation.return_url;
    }
    if !method
        .card
        .test_card()
        .is_some_and(|card| card.authenticates)
    {
        return charge(tx, intent, method);
    }
    if confirmation.error_on_requires_action {
        return Err(declined(tx, intent, method, AUTHENTICATION_REQUIRED));
    }
    intent.payment_method = Some(method.id);
    intent.status = Status::RequiresAction;
    intent.last_payment_error = None;
    intent.next_action = Some(next_action(&intent, &tx.origin.public_url));
    tx.record(Change::PaymentIntent(intent.clone()));
    tx.emit("payment_intent.requires_action", intent.json());
    Ok(intent)
}

/// Where the buyer authenticates: by redirect when there is a way back, inside Stripe.js otherwise.
fn next_action(intent: &PaymentIntent, public_url: &str) -> Value {
    let page = format!("{public_url}/3ds/{}/{}", intent.id, intent.client_secret);
    match &intent.return_url {
        Some(return_url) => json!({
            "type": "redirect_to_url",
            "redirect_to_url": { "return_url": return_url, "url": page },
        }),
        None => json!({
            "type": "use_stripe_sdk",
            "use_stripe_sdk": { "type": "three_d_secure_redirect", "stripe_js": page },
        }),
    }
}
