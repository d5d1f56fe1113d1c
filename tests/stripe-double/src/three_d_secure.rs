//! The bank's page: where a buyer authenticates, or fails to, and is sent back to the shop.
//! Its address is in the intent's `next_action` and knows the client secret, so nobody else's.

use crate::objects::{PaymentIntent, Status};
use crate::rules::{Authentication, authenticate};
use crate::store::{Origin, Store};
use crate::wire::display;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use std::sync::Arc;
use url::Url;

/// `/3ds/:intent/:client_secret` and below.
pub fn router(store: Arc<Store>) -> Router {
    Router::new()
        .route("/3ds/{intent}/{secret}", get(page))
        .route(
            "/3ds/{intent}/{secret}/{authentication}",
            get(complete).post(complete),
        )
        .with_state(store)
}

async fn page(
    State(store): State<Arc<Store>>,
    Path((id, secret)): Path<(String, String)>,
) -> Response {
    match find(&store, &id, &secret) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(intent) if intent.status != Status::RequiresAction => send_back(&intent),
        Some(intent) => {
            let amount = display(intent.amount, &intent.currency);
            // Id and secret are letters, digits and underscores, or find would not have found them.
            Html(format!(
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
                 <meta name=\"viewport\" content=\"width=device-width\"><title>3D Secure test page</title>\
                 <style>body{{font:1rem system-ui;margin:4rem auto;max-width:28rem}}a{{display:inline-block;margin:1rem 1rem 0 0}}</style>\
                 <h1>3D Secure</h1><p>A payment of {amount} asks for your consent.</p>\
                 <a id=\"test-source-authorize-3ds\" href=\"/3ds/{id}/{secret}/accept\">Complete authentication</a>\
                 <a id=\"test-source-fail-3ds\" href=\"/3ds/{id}/{secret}/fail\">Fail authentication</a></html>"
            ))
            .into_response()
        }
    }
}

async fn complete(
    State(store): State<Arc<Store>>,
    Path((id, secret, authentication)): Path<(String, String, Authentication)>,
) -> Response {
    if find(&store, &id, &secret).is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    match store
        .transact(Origin::default(), |tx| {
            authenticate(tx, &id, authentication)
        })
        .await
    {
        Ok(Ok(intent)) => send_back(&intent),
        Ok(Err(_)) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn find(store: &Store, id: &str, secret: &str) -> Option<PaymentIntent> {
    let intent = store.read(|books| books.payment_intents.get(id).cloned())?;
    (intent.client_secret == secret).then_some(intent)
}

/// Back to the shop, with what Stripe adds to its address.
fn send_back(intent: &PaymentIntent) -> Response {
    let succeeded = intent.status == Status::Succeeded;
    let status = if succeeded { "succeeded" } else { "failed" };
    let Some(mut url) = intent
        .return_url
        .as_deref()
        .and_then(|url| Url::parse(url).ok())
    else {
        return Html(format!(
            "<!doctype html><title>3D Secure</title><p>Authentication {status}.</p>"
        ))
        .into_response();
    };
    url.query_pairs_mut()
        .append_pair("payment_intent", &intent.id)
        .append_pair("payment_intent_client_secret", &intent.client_secret)
        .append_pair("redirect_status", status);
    Redirect::to(url.as_str()).into_response()
}
