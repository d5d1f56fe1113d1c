//! Which endpoint a method and path mean.
//! One table, so that it can be read beside Stripe's reference.

use super::call::Endpoint;
use super::{charges, events, payment_intents, payment_methods, refunds, tokens};

/// A found endpoint.
pub struct Route {
    pub endpoint: Endpoint,
    /// The id in the path; empty where the path has none.
    pub id: String,
    /// Whether a browser may call it with the publishable key.
    pub publishable: bool,
}

/// The endpoint behind a method and a path, if there is one.
pub fn route(method: &str, path: &str) -> Option<Route> {
    let segments: Vec<&str> = path.strip_prefix("/v1/")?.split('/').collect();
    let (endpoint, id): (Endpoint, &str) = match (method, segments.as_slice()) {
        ("POST", ["tokens"]) => (tokens::create, ""),
        ("GET", ["tokens", id]) => (tokens::retrieve, id),
        ("POST", ["payment_methods"]) => (payment_methods::create, ""),
        ("GET", ["payment_methods"]) => (payment_methods::list, ""),
        ("GET", ["payment_methods", id]) => (payment_methods::retrieve, id),
        ("POST", ["payment_intents"]) => (payment_intents::create, ""),
        ("GET", ["payment_intents"]) => (payment_intents::list, ""),
        ("GET", ["payment_intents", "search"]) => (payment_intents::search, ""),
        ("GET", ["payment_intents", id]) => (payment_intents::retrieve, id),
        ("POST", ["payment_intents", id]) => (payment_intents::update, id),
        ("POST", ["payment_intents", id, "confirm"]) => (payment_intents::confirm, id),
        ("POST", ["payment_intents", id, "cancel"]) => (payment_intents::cancel, id),
        ("GET", ["charges"]) => (charges::list, ""),
        ("GET", ["charges", id]) => (charges::retrieve, id),
        ("POST", ["refunds"]) => (refunds::create, ""),
        ("GET", ["refunds"]) => (refunds::list, ""),
        ("GET", ["refunds", id]) => (refunds::retrieve, id),
        ("GET", ["events"]) => (events::list, ""),
        ("GET", ["events", id]) => (events::retrieve, id),
        _ => return None,
    };
    Some(Route {
        endpoint,
        id: id.to_owned(),
        publishable: matches!(
            (method, segments.as_slice()),
            ("POST", ["tokens" | "payment_methods"])
        ),
    })
}
