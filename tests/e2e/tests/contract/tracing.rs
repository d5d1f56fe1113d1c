//! Traces (W3C Trace Context): from a request into the events that follow from it.
use e2e::Shop;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

crate::trials!(
    a_trace_goes_on_in_the_events_of_its_request,
    a_trace_goes_on_in_what_the_events_cause,
    a_request_without_a_trace_gets_one,
    a_malformed_trace_is_no_server_error,
);

fn trace_id(event: &Value) -> String {
    let parent = event["traceparent"].as_str().unwrap_or_default();
    parent.split('-').nth(1).unwrap_or_default().to_owned()
}

async fn a_trace_goes_on_in_the_events_of_its_request(shop: Shop) {
    let (ada, trace) = (shop.person().await, Uuid::new_v4().simple().to_string());
    let request = ada
        .request(Method::POST, "/api/tickets")
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
    let ticket = ada
        .ask(request.json(&json!({ "title": "Traced", "price": 1 })))
        .await
        .is(201);
    assert_eq!(
        trace_id(&shop.events().event("ticket:created", &ticket["id"]).await),
        trace
    );
}

async fn a_trace_goes_on_in_what_the_events_cause(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let ticket = ada.sells("Traced", 1.0).await;
    let trace = Uuid::new_v4().simple().to_string();
    let order = e2e::eventually("the order service to know the ticket", async || {
        let request = ben
            .request(Method::POST, "/api/orders")
            .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"));
        let reply = ben
            .ask(request.json(&json!({ "ticketId": ticket["id"] })))
            .await;
        (reply.status != 404).then(|| reply.is(201))
    })
    .await;
    assert_eq!(
        trace_id(&shop.events().event("order:created", &order["id"]).await),
        trace
    );
    // tickets publishes this when it handles what orders published.
    let reserved = shop
        .events()
        .event_with("ticket:updated", "orderId", &order["id"])
        .await;
    assert_eq!(trace_id(&reserved), trace);
}

async fn a_request_without_a_trace_gets_one(shop: Shop) {
    let ada = shop.person().await;
    let ticket = ada.sells("Untraced", 1.0).await;
    let event = shop.events().event("ticket:created", &ticket["id"]).await;
    assert_eq!(trace_id(&event).len(), 32, "{event}");
}

async fn a_malformed_trace_is_no_server_error(shop: Shop) {
    let ada = shop.person().await;
    let zeros = format!("00-{}-{}-00", "0".repeat(32), "0".repeat(16));
    for parent in [
        "",
        "x",
        "00-x-y-z",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        &zeros,
        &"a".repeat(3000),
    ] {
        let request = ada
            .request(Method::POST, "/api/tickets")
            .header("traceparent", parent);
        let ticket = ada
            .ask(request.json(&json!({ "title": "Oddly traced", "price": 1 })))
            .await
            .is(201);
        shop.events().event("ticket:created", &ticket["id"]).await;
    }
}
