//! `GET /healthz` asks everything behind the door.

use std::future::pending;

use http::Request;

use crate::fixture::{Answer, always, door, nobody, route, settings, upstream};

const OK: &str = r#"{"status":"ok"}"#;

#[tokio::test]
async fn all_is_well_when_every_service_says_so() {
    let mut settings = settings(vec![
        route("/api/tickets", always(200, "application/json", OK).await),
        route("/", always(200, "application/json", OK).await),
    ]);
    settings.health_upstreams = vec![route(
        "expiration",
        always(200, "application/json", OK).await,
    )];
    let got = door(settings).await.get("/healthz").await;
    assert_eq!(got.status, 200);
    assert_eq!(got.body, OK);
    assert_eq!(got.header("cache-control"), "no-store");
}

#[tokio::test]
async fn every_failing_part_is_named_with_what_it_says() {
    let away = nobody().await;
    let ill = r#"{"errors":[{"message":"database: 08006"},{"message":"keyvalue"}]}"#;
    let ill = always(503, "application/json", ill).await;
    let silent = upstream(|_| pending::<Result<Answer, &'static str>>()).await;
    let mut settings = settings(vec![
        route("/api/users", ill),
        route("/api/tickets", away),
        route("/", always(200, "application/json", OK).await),
    ]);
    settings.health_upstreams = vec![route("expiration", silent)];
    settings.health_providers = vec!["cron".into()];
    let got = door(settings).await.get("/healthz").await;
    assert_eq!(got.status, 503);
    let messages = got.error_messages();
    assert_eq!(messages.len(), 5, "{messages:?}");
    assert!(messages[0].starts_with(&format!("/api/tickets ({away}): cannot connect")));
    assert_eq!(messages[1], format!("/api/users ({ill}): database: 08006"));
    assert_eq!(messages[2], format!("/api/users ({ill}): keyvalue"));
    assert_eq!(
        messages[3],
        format!("expiration ({silent}): no answer within 2 s, asked twice")
    );
    assert!(messages[4].starts_with("provider cron: "));
}

#[tokio::test]
async fn only_reading_is_allowed() {
    let door = door(settings(vec![route("/", nobody().await)])).await;
    let got = door.send(Request::post("/healthz"), "").await;
    assert_eq!(got.status, 405);
    assert_eq!(got.header("allow"), "GET, HEAD");
}
