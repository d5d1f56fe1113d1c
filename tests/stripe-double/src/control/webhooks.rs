//! Webhooks: endpoints, what is done to deliveries on their way, and how far each has got.

use super::{Answer, Control, ControlError};
use crate::store::{Change, Origin};
use crate::webhooks::{Endpoint, Policy, ReleaseOrder};
use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::json;

/// `GET /_control/webhooks`: every delivery, oldest first.
pub async fn deliveries(State(control): State<Control>) -> Answer {
    let held = control.dispatcher.held();
    let store = &control.api.store;
    let deliveries = store.transact(Origin::default(), |tx| {
        let rows = tx.books().deliveries.oldest_first();
        let rows = rows.map(|delivery| {
            json!({
                "id": delivery.id,
                "event": delivery.event,
                "type": delivery.kind,
                "endpoint": delivery.endpoint,
                "state": delivery.state,
                "held": held.contains(&delivery.id),
                "attempts": delivery.attempts,
                "last_result": delivery.last_result,
            })
        });
        rows.collect::<Vec<_>>()
    });
    Ok(Json(json!({ "deliveries": deliveries.await? })))
}

/// `GET /_control/webhooks/policy`
pub async fn policy(State(control): State<Control>) -> Answer {
    Ok(Json(json!(control.dispatcher.policy())))
}

/// `PUT /_control/webhooks/policy`
pub async fn set_policy(State(control): State<Control>, Json(policy): Json<Policy>) -> Answer {
    control.dispatcher.set_policy(policy.clone());
    Ok(Json(json!(policy)))
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
#[derive(Default)]
pub struct ReleaseRequest {
    order: ReleaseOrder,
    /// Ids of the events to let go; empty for all.
    events: Vec<String>,
    keep_holding: bool,
}

/// `POST /_control/webhooks/release`
pub async fn release(
    State(control): State<Control>,
    Json(request): Json<ReleaseRequest>,
) -> Answer {
    let released = control
        .dispatcher
        .release(request.order, &request.events, request.keep_holding);
    Ok(Json(json!({ "released": released })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResendRequest {
    event: String,
}

/// `POST /_control/webhooks/resend`: sends an event once more.
pub async fn resend(State(control): State<Control>, Json(request): Json<ResendRequest>) -> Answer {
    let sent = control
        .dispatcher
        .resend(&request.event)
        .ok_or(ControlError::NotFound)?;
    Ok(Json(json!({ "endpoints": sent })))
}

/// `GET /_control/webhook_endpoints`
pub async fn endpoints(State(control): State<Control>) -> Answer {
    let store = &control.api.store;
    let endpoints = store.read(|books| books.endpoints.oldest_first().cloned().collect::<Vec<_>>());
    Ok(Json(json!({ "endpoints": endpoints })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointRequest {
    url: String,
    secret: String,
    /// Event types it wants; all when not given.
    #[serde(default)]
    enabled_events: Vec<String>,
}

/// `POST /_control/webhook_endpoints`
pub async fn add_endpoint(
    State(control): State<Control>,
    Json(request): Json<EndpointRequest>,
) -> Answer {
    let endpoint = Endpoint::added(request.url, request.secret, request.enabled_events);
    let change = Change::Endpoint(endpoint.clone());
    let store = &control.api.store;
    store
        .transact(Origin::default(), |tx| tx.record(change))
        .await?;
    Ok(Json(json!(endpoint)))
}

/// `DELETE /_control/webhook_endpoints/:id`: what it was owed is owed no more.
pub async fn remove_endpoint(State(control): State<Control>, Path(id): Path<String>) -> Answer {
    let store = &control.api.store;
    let endpoint = store.read(|books| books.endpoints.get(&id).cloned());
    match endpoint {
        None => Err(ControlError::NotFound),
        Some(endpoint) if endpoint.configured => {
            // Configured again at the next start, so its absence must not be journaled.
            store.note(|books| books.apply(Change::EndpointRemoved(id)));
            Ok(Json(json!({})))
        }
        Some(_) => {
            store
                .transact(Origin::default(), |tx| {
                    tx.record(Change::EndpointRemoved(id))
                })
                .await?;
            Ok(Json(json!({})))
        }
    }
}
