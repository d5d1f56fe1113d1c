//! Which card a request means: `payment_method`, or `payment_method_data` with a token or card details.
//! A fixed test id stands for a new payment method each time it is used.

use crate::objects::{Card, Metadata, PaymentMethod, TestCard};
use crate::store::{Change, Transaction};
use crate::wire::{Params, StripeError};

/// The parameters that this rule reads.
pub const SOURCE_PARAMS: [&str; 2] = ["payment_method", "payment_method_data"];

/// The payment method that a request names, if it names one.
///
/// # Errors
/// `resource_missing` for an unknown or used-up one; whatever is wrong with the card details.
pub fn payment_source(
    tx: &mut Transaction<'_>,
    params: &Params,
) -> Result<Option<PaymentMethod>, StripeError> {
    if let Some(data) = params.hash("payment_method_data")? {
        data.allow(&[
            "type",
            "card",
            "billing_details",
            "metadata",
            "allow_redisplay",
        ])?;
        data.required("type")?;
        data.one_of("type", &["card"])?;
        let card = card_of(tx, data)?;
        return Ok(Some(keep(tx, PaymentMethod::new(card, Metadata::new()))));
    }
    let Some(id) = params.text("payment_method")?.filter(|id| !id.is_empty()) else {
        return Ok(None);
    };
    if let Some(card) = TestCard::by_payment_method(id) {
        let method = PaymentMethod::new(Card::of_test(card), Metadata::new());
        return Ok(Some(keep(tx, method)));
    }
    match tx.books().payment_methods.get(id) {
        Some(method) => Ok(Some(method.clone())),
        None => Err(StripeError::missing("PaymentMethod", id, "payment_method")),
    }
}

/// The card in `card[token]` or `card[number]…` of a hash.
///
/// # Errors
/// As for [`payment_source`].
pub fn card_of(tx: &mut Transaction<'_>, params: &Params) -> Result<Card, StripeError> {
    let Some(card) = params.hash("card")? else {
        params.required("card")?;
        return Err(StripeError::invalid_param("card", "Invalid hash"));
    };
    match card.text("token")? {
        Some(token) => {
            card.allow(&["token"])?;
            card_of_token(tx, token)
        }
        None => Card::from_params(card),
    }
}

fn card_of_token(tx: &mut Transaction<'_>, id: &str) -> Result<Card, StripeError> {
    if let Some(card) = TestCard::by_token(id) {
        return Ok(Card::of_test(card));
    }
    let Some(mut token) = tx.books().tokens.get(id).cloned() else {
        return Err(StripeError::missing("token", id, "card[token]"));
    };
    if token.used {
        return Err(StripeError::invalid_request(format!(
            "You cannot use a Stripe token more than once: {id}."
        ))
        .code("token_already_used"));
    }
    token.used = true;
    let card = token.card.clone();
    tx.record(Change::Token(token));
    Ok(card)
}

fn keep(tx: &mut Transaction<'_>, method: PaymentMethod) -> PaymentMethod {
    tx.record(Change::PaymentMethod(method.clone()));
    method
}
