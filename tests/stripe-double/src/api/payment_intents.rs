//! `/v1/payment_intents`: creating, reading, changing, confirming and cancelling.
//! What confirming means is in `rules`.

use super::search_query::SearchQuery;
use super::{Call, metadata};
use crate::objects::{AutomaticPaymentMethods, PaymentIntent, PaymentMethod, Status};
use crate::rules::{self, Confirmation, SOURCE_PARAMS};
use crate::store::{Change, Transaction};
use crate::wire::{Params, Row, StripeError, display, limit, page};
use serde_json::{Value, json};

/// Parameters of Stripe's that change nothing here.
const IGNORED: [&str; 11] = [
    "capture_method",
    "confirmation_method",
    "mandate_data",
    "payment_method_options",
    "receipt_email",
    "setup_future_usage",
    "shipping",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
    "use_stripe_sdk",
];
const CREATE: [&str; 10] = [
    "amount",
    "automatic_payment_methods",
    "confirm",
    "currency",
    "description",
    "error_on_requires_action",
    "metadata",
    "off_session",
    "payment_method_types",
    "return_url",
];
const UPDATE: [&str; 5] = [
    "amount",
    "currency",
    "description",
    "metadata",
    "payment_method_types",
];
const CONFIRM: [&str; 4] = [
    "error_on_requires_action",
    "off_session",
    "payment_method_types",
    "return_url",
];

/// `POST /v1/payment_intents`
pub fn create(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let params = &call.params;
    params.allow(&[&CREATE[..], &SOURCE_PARAMS, &IGNORED].concat())?;
    params.required("amount")?;
    let currency = params.required("currency")?.to_lowercase();
    check_currency(&currency)?;
    check_manual_capture(params)?;
    let mut intent = PaymentIntent::new(amount(params, &currency)?.unwrap_or_default(), &currency);
    intent.automatic_payment_methods = automatic_payment_methods(params, tx.origin.cards_only)?;
    intent.description = params.text("description")?.map(str::to_owned);
    metadata::merge(&mut intent.metadata, params)?;
    let confirm = params.boolean("confirm")?.unwrap_or(false);
    let mut confirmation = confirmation(params)?;
    if confirm {
        rules::check_return_url(&intent, confirmation.return_url.as_deref())?;
    }
    let method = rules::payment_source(tx, params)?;
    attach(&mut intent, method.as_ref());
    tx.record(Change::PaymentIntent(intent.clone()));
    if confirm {
        confirmation.method = method;
        intent = rules::confirm(tx, intent, confirmation)?;
    }
    Ok(intent.json())
}

/// `GET /v1/payment_intents/:id`
pub fn retrieve(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    call.params.allow(&["client_secret"])?;
    Ok(find(tx, call)?.json())
}

/// `GET /v1/payment_intents`
pub fn list(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let rows = tx.books().payment_intents.newest_first();
    page(rows, "/v1/payment_intents", &call.params, &[])
}

/// `GET /v1/payment_intents/search`
pub fn search(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    call.params.allow(&["query", "limit", "page"])?;
    let query = SearchQuery::parse(call.params.required("query")?)?;
    let limit = limit(&call.params)?;
    let offset: usize = match call.params.text("page")? {
        None => 0,
        Some(page) => page
            .parse()
            .map_err(|_| StripeError::invalid_param("page", format!("Invalid page: {page}")))?,
    };
    // Stripe's search index lags behind the objects; how far is up to the test.
    let indexed = tx.now - tx.books().search_lag_seconds;
    let mut found = tx.books().payment_intents.newest_first();
    let found = found
        .by_ref()
        .filter(|intent| intent.created <= indexed && query.matches(intent));
    let mut found = found.skip(offset);
    let data: Vec<Value> = found.by_ref().take(limit).map(Row::json).collect();
    let has_more = found.next().is_some();
    Ok(json!({
        "object": "search_result",
        "url": "/v1/payment_intents/search",
        "has_more": has_more,
        "next_page": has_more.then(|| (offset + limit).to_string()),
        "data": data,
    }))
}

/// `POST /v1/payment_intents/:id`
pub fn update(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let params = &call.params;
    params.allow(&[&UPDATE[..], &SOURCE_PARAMS, &IGNORED].concat())?;
    let mut intent = find(tx, call)?;
    let currency = params
        .text("currency")?
        .unwrap_or(&intent.currency)
        .to_lowercase();
    check_currency(&currency)?;
    let amount = amount(params, &currency)?;
    let changes_money = amount.is_some() || currency != intent.currency;
    if intent.status.is_final() && (changes_money || params.text("payment_method")?.is_some()) {
        let what = if changes_money {
            "amount"
        } else {
            "payment_method"
        };
        let message = format!(
            "This PaymentIntent's {what} could not be updated because it has a status of {}. You may only update the \
             {what} of a PaymentIntent with one of the following statuses: requires_payment_method, \
             requires_confirmation, requires_action.",
            intent.status.word()
        );
        return Err(StripeError::invalid_request(message)
            .code("payment_intent_unexpected_state")
            .with("payment_intent", intent.json()));
    }
    intent.amount = amount.unwrap_or(intent.amount);
    intent.currency = currency;
    if let Some(description) = params.text("description")? {
        intent.description = Some(description.to_owned()).filter(|text| !text.is_empty());
    }
    metadata::merge(&mut intent.metadata, params)?;
    let method = rules::payment_source(tx, params)?;
    attach(&mut intent, method.as_ref());
    tx.record(Change::PaymentIntent(intent.clone()));
    Ok(intent.json())
}

/// `POST /v1/payment_intents/:id/confirm`
pub fn confirm(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    let params = &call.params;
    params.allow(&[&CONFIRM[..], &SOURCE_PARAMS, &IGNORED].concat())?;
    let mut confirmation = confirmation(params)?;
    let intent = find(tx, call)?;
    rules::check_return_url(&intent, confirmation.return_url.as_deref())?;
    confirmation.method = rules::payment_source(tx, params)?;
    Ok(rules::confirm(tx, intent, confirmation)?.json())
}

/// `POST /v1/payment_intents/:id/cancel`
pub fn cancel(tx: &mut Transaction<'_>, call: &Call) -> Result<Value, StripeError> {
    call.params.allow(&["cancellation_reason"])?;
    let reasons = [
        "duplicate",
        "fraudulent",
        "requested_by_customer",
        "abandoned",
    ];
    let reason = call.params.one_of("cancellation_reason", &reasons)?;
    let intent = find(tx, call)?;
    Ok(rules::cancel(tx, intent, reason)?.json())
}

fn find(tx: &Transaction<'_>, call: &Call) -> Result<PaymentIntent, StripeError> {
    match tx.books().payment_intents.get(&call.id) {
        Some(intent) => Ok(intent.clone()),
        None => Err(StripeError::missing("payment_intent", &call.id, "intent").status(404)),
    }
}

fn attach(intent: &mut PaymentIntent, method: Option<&PaymentMethod>) {
    if let Some(method) = method {
        intent.payment_method = Some(method.id.clone());
        intent.status = Status::RequiresConfirmation;
        intent.next_action = None;
    }
}

fn confirmation(params: &Params) -> Result<Confirmation, StripeError> {
    params.text("off_session")?;
    let return_url = params.text("return_url")?;
    if let Some(url) = return_url
        && url::Url::parse(url).is_err()
    {
        return Err(StripeError::invalid_param("return_url", "Not a valid URL").code("url_invalid"));
    }
    Ok(Confirmation {
        method: None,
        return_url: return_url.map(str::to_owned),
        error_on_requires_action: params.boolean("error_on_requires_action")?.unwrap_or(false),
    })
}

/// Absent, Stripe's current versions take it for enabled, unless `payment_method_types` says what is wanted.
/// <https://docs.stripe.com/changelog/2023-08-16>
fn automatic_payment_methods(
    params: &Params,
    cards_only: bool,
) -> Result<Option<AutomaticPaymentMethods>, StripeError> {
    if let Some(types) = params.hash("payment_method_types")? {
        if let Some((_, unknown)) = types.texts().find(|(_, kind)| *kind != "card") {
            return Err(StripeError::invalid_param(
                "payment_method_types",
                format!(
                    "The payment method type \"{unknown}\" is invalid. Please ensure the provided type is activated \
                     in your dashboard."
                ),
            ));
        }
        return Ok(None);
    }
    let Some(given) = params.hash("automatic_payment_methods")? else {
        return Ok((!cards_only).then_some(AutomaticPaymentMethods { redirects: true }));
    };
    given.allow(&["enabled", "allow_redirects"])?;
    given.required("enabled")?;
    let redirects = given.one_of("allow_redirects", &["always", "never"])? != Some("never");
    let enabled = given.boolean("enabled")?.unwrap_or(false);
    Ok(enabled.then_some(AutomaticPaymentMethods { redirects }))
}

fn check_manual_capture(params: &Params) -> Result<(), StripeError> {
    params
        .one_of("capture_method", &["automatic", "automatic_async"])
        .map_err(|error| {
            error.with(
                "message",
                "The double captures at once; capture_method=manual is not part of it.".into(),
            )
        })?;
    Ok(())
}

fn check_currency(currency: &str) -> Result<(), StripeError> {
    if currency.len() == 3 && currency.bytes().all(|b| b.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(StripeError::invalid_param(
        "currency",
        format!("Invalid currency: {currency}."),
    ))
}

/// The amount, between Stripe's limits for its currency.
fn amount(params: &Params, currency: &str) -> Result<Option<i64>, StripeError> {
    // The least that Stripe charges, by currency: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
    let least = match currency {
        "usd" | "eur" | "cad" | "aud" | "chf" | "jpy" => 50,
        "gbp" => 30,
        _ => 1,
    };
    const MOST: i64 = 99_999_999;
    let Some(amount) = params.integer("amount")? else {
        return Ok(None);
    };
    let refused =
        |code: &str, message: String| Err(StripeError::invalid_param("amount", message).code(code));
    if amount < 1 {
        return refused(
            "parameter_invalid_integer",
            "This value must be greater than or equal to 1.".into(),
        );
    }
    if amount < least {
        let least = display(least, currency);
        return refused(
            "amount_too_small",
            format!("Amount must be at least {least} {currency}"),
        );
    }
    if amount > MOST {
        let most = display(MOST, currency);
        return refused(
            "amount_too_large",
            format!("Amount must be no more than {most} {currency}"),
        );
    }
    Ok(Some(amount))
}
