//! The documents that the suite holds the system against, held against each other.
//! Needs no lattice.
use e2e::{OpenApi, Schemas, mutilations};
use serde_json::{Value, json};

const TYPES: [&str; 9] = [
    "expiration:complete",
    "order:cancelled",
    "order:completed",
    "order:created",
    "payment:created",
    "payment:refunded",
    "ticket:created",
    "ticket:deleted",
    "ticket:updated",
];

const ID: &str = "0b5e3f8e-5f0e-4c58-9d0a-4f0f3f6f7a10";

/// An event of that type as its service publishes it.
fn example(kind: &str) -> Value {
    let service = match kind
        .split_once(':')
        .map_or(kind, |(aggregate, _)| aggregate)
    {
        "expiration" => "expiration".to_owned(),
        aggregate => format!("{aggregate}s"),
    };
    let ticket = json!({ "id": ID, "version": 1, "title": "Front row", "price": 12.5, "userId": ID, "orderId": ID });
    let data = match kind {
        "order:created" => json!({
            "id": ID, "version": 0, "status": "created", "userId": ID,
            "expiresAt": "2026-01-01T00:15:00Z", "ticket": { "id": ID, "price": 12.5 },
        }),
        "order:cancelled" | "order:completed" => {
            json!({ "id": ID, "version": 1, "ticket": { "id": ID } })
        }
        "payment:created" => json!({ "id": ID, "orderId": ID, "stripeId": "pi_1" }),
        "payment:refunded" => {
            json!({ "id": ID, "orderId": ID, "stripeId": "pi_1", "reason": "cancelled" })
        }
        "expiration:complete" => json!({ "orderId": ID }),
        _ => ticket,
    };
    json!({
        "specversion": "1.0", "id": ID, "source": format!("/ticketing/{service}"), "type": kind,
        "subject": ID, "time": "2026-01-01T00:00:00.123456Z", "datacontenttype": "application/json",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "data": data,
    })
}

#[test]
fn every_event_type_has_a_schema() {
    let schemas = Schemas::read().unwrap();
    assert_eq!(schemas.types(), TYPES);
}

#[test]
fn every_schema_accepts_its_event() {
    let schemas = Schemas::read().unwrap();
    for kind in TYPES {
        assert_eq!(schemas.faults(&example(kind)), [""; 0], "{kind}");
    }
}

#[test]
fn every_schema_rejects_its_event_with_a_field_missing_mistyped_or_too_many() {
    let schemas = Schemas::read().unwrap();
    for kind in TYPES {
        let broken = mutilations(&example(kind), &schemas.shape(kind));
        assert!(
            broken.len() > 20,
            "{kind}: only {} ways to break it",
            broken.len()
        );
        for (what, event) in broken {
            assert!(
                !schemas.faults(&event).is_empty(),
                "{kind} {what} is accepted: {event}"
            );
        }
    }
}

#[test]
fn what_is_optional_may_be_missing() {
    let schemas = Schemas::read().unwrap();
    for (kind, path, field) in [
        ("ticket:created", "/data", "orderId"),
        ("order:created", "", "traceparent"),
    ] {
        let mut event = example(kind);
        event
            .pointer_mut(path)
            .and_then(Value::as_object_mut)
            .unwrap()
            .remove(field);
        assert_eq!(schemas.faults(&event), [""; 0], "{kind} without {field}");
    }
}

#[test]
fn an_event_of_another_service_or_type_is_rejected() {
    let schemas = Schemas::read().unwrap();
    let mut event = example("ticket:created");
    event["source"] = json!("/ticketing/orders");
    assert!(!schemas.faults(&event).is_empty());
    event["type"] = json!("ticket:stolen");
    assert!(!schemas.faults(&event).is_empty());
}

#[test]
fn every_operation_names_every_way_in_which_it_can_fail() {
    let openapi = OpenApi::read().unwrap();
    let paths = openapi.document()["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 14);
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            if method == "parameters" {
                continue;
            }
            let has = |status: &str| operation["responses"].get(status).is_some();
            assert!(has("503") && has("405"), "{method} {path}");
            assert!(
                method == "get" || (has("403") && has("413")),
                "{method} {path}"
            );
            assert!(
                operation.get("requestBody").is_none() || (has("400") && has("415")),
                "{method} {path}"
            );
            assert!(!path.contains("{id}") || has("404"), "{method} {path}");
        }
    }
}
