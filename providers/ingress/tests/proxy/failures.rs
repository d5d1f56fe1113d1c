//! Upstreams that are away, slow or broken: what clients are told and what is tried again.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use tokio::sync::{AcquireError, Semaphore};

use crate::fixture::{Answer, answer, door, door_to, nobody, route, settings, until, upstream};

/// An upstream that fails the first `failures` times in this way and then works.
async fn failing(
    failures: usize,
    failure: fn() -> Result<Answer, &'static str>,
) -> (std::net::SocketAddr, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let address = upstream(move |_| {
        let before = count.fetch_add(1, Ordering::SeqCst);
        async move {
            if before < failures {
                failure()
            } else {
                Ok(answer(200, "application/json", "{}"))
            }
        }
    })
    .await;
    (address, asked)
}

/// As the host's HTTP server when a component traps: no answer at all.
fn dropped() -> Result<Answer, &'static str> {
    Err("trapped")
}

/// As a host that cannot run the component.
fn host_error() -> Result<Answer, &'static str> {
    Ok(answer(
        500,
        "text/plain",
        "failed to invoke 10.1.2.3: secret",
    ))
}

fn service_error() -> Result<Answer, &'static str> {
    Ok(answer(
        503,
        "application/json",
        r#"{"errors":[{"message":"busy"}]}"#,
    ))
}

#[tokio::test]
async fn an_upstream_that_is_away_is_a_503_for_every_method() {
    let away = nobody().await;
    let door = door(settings(vec![route("/api/tickets", away)])).await;
    for request in [Request::get("/api/tickets"), Request::post("/api/tickets")] {
        let got = door.send(request, "").await;
        assert_eq!(got.status, 503);
        assert_eq!(got.header("retry-after"), "1");
        let message = "The service for /api/tickets cannot be reached at the moment; please try again shortly";
        assert_eq!(got.error_messages(), [message]);
    }
}

#[tokio::test]
async fn reading_is_tried_once_more_after_a_failure() {
    for failure in [dropped, host_error] {
        for method in ["GET", "HEAD"] {
            let (address, asked) = failing(1, failure).await;
            let request = Request::builder().method(method).uri("/");
            let got = door_to(address).await.send(request, "").await;
            assert_eq!(got.status, 200);
            assert_eq!(asked.load(Ordering::SeqCst), 2);
        }
    }
}

#[tokio::test]
async fn reading_that_fails_every_time_is_a_502_that_tells_no_internals() {
    for failure in [dropped, host_error] {
        let (address, asked) = failing(usize::MAX, failure).await;
        let got = door_to(address).await.get("/").await;
        assert_eq!(got.status, 502);
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        let message = got.error_messages().concat();
        assert!(message.starts_with("The service for / failed"), "{message}");
        assert!(!message.contains("secret"));
    }
}

#[tokio::test]
async fn writing_is_never_repeated_once_it_was_sent_unless_upstreams_know_its_key() {
    for failure in [dropped, host_error] {
        for method in ["POST", "PUT", "DELETE", "PATCH"] {
            let (address, asked) = failing(1, failure).await;
            let request = Request::builder().method(method).uri("/");
            let got = door_to(address).await.send(request, "x").await;
            assert_eq!(got.status, 502, "{method}");
            assert_eq!(asked.load(Ordering::SeqCst), 1, "{method}");
        }
    }
}

#[tokio::test]
async fn a_write_is_asked_again_under_the_same_key() {
    for failure in [dropped, host_error] {
        let keys = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&keys);
        let address = upstream(move |request: Request<Incoming>| {
            let mut seen = seen.lock().unwrap();
            seen.push(request.headers().get("idempotency-key").cloned());
            let first = seen.len() == 1;
            async move {
                if first {
                    failure()
                } else {
                    Ok(answer(201, "application/json", "{}"))
                }
            }
        })
        .await;
        let mut settings = settings(vec![route("/", address)]);
        settings.idempotent_writes = true;
        let got = door(settings).await.send(Request::post("/"), "x").await;
        assert_eq!(got.status, 201);
        let keys = keys.lock().unwrap();
        assert!(keys[0].is_some() && keys[..] == [keys[0].clone(), keys[0].clone()]);
    }
}

#[tokio::test]
async fn an_error_that_a_service_made_is_passed_on_unrepeated() {
    let (address, asked) = failing(usize::MAX, service_error).await;
    let got = door_to(address).await.get("/").await;
    assert_eq!(got.status, 503);
    assert_eq!(got.error_messages(), ["busy"]);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_upstream_that_does_not_answer_in_time_is_a_504() {
    let silent = upstream(|_| pending::<Result<Answer, &'static str>>()).await;
    let mut settings = settings(vec![route("/", silent)]);
    settings.upstream_timeout = Duration::from_millis(50);
    let got = door(settings).await.get("/").await;
    assert_eq!(got.status, 504);
    assert!(got.error_messages()[0].contains("did not answer in time"));
}

/// An upstream that answers when it is let, and counts those that wait for it.
async fn gated() -> (std::net::SocketAddr, Arc<AtomicUsize>, Arc<Semaphore>) {
    let (asked, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
    let (count, open) = (Arc::clone(&asked), Arc::clone(&gate));
    let address = upstream(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let open = Arc::clone(&open);
        async move {
            open.acquire().await?.forget();
            Ok::<_, AcquireError>(answer(200, "application/json", "{}"))
        }
    })
    .await;
    (address, asked, gate)
}

#[tokio::test]
async fn a_crowd_waits_for_its_turn_and_each_then_has_its_time() {
    let (address, asked, gate) = gated().await;
    let mut settings = settings(vec![route("/", address)]);
    settings.max_in_flight = 2;
    let door = door(settings).await;
    let crowd = (0..6).map(|_| door.send(Request::post("/"), ""));
    let crowd = futures::future::join_all(crowd);
    let answers = async {
        for let_in in [2, 4, 6] {
            until(async || asked.load(Ordering::SeqCst) == let_in).await;
            gate.add_permits(2);
        }
    };
    let (got, ()) = tokio::join!(crowd, answers);
    assert!(got.iter().all(|got| got.status == 200));
}

#[tokio::test]
async fn who_waits_too_long_is_told_that_nothing_has_happened() {
    let (address, asked, gate) = gated().await;
    let mut settings = settings(vec![route("/", address)]);
    (settings.max_in_flight, settings.upstream_timeout) = (1, Duration::from_millis(300));
    let door = door(settings).await;
    // A read that is to be asked again has its place for longer than another waits for it.
    let first = door.get("/");
    let second = async {
        until(async || asked.load(Ordering::SeqCst) == 1).await;
        door.send(Request::post("/"), "").await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (504, 503));
    assert_eq!(second.header("retry-after"), "1");
    assert!(second.error_messages()[0].starts_with("Too many want"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    gate.add_permits(1);
}

#[tokio::test]
async fn a_client_that_does_not_send_its_body_in_time_is_told() {
    let (address, asked) = failing(0, dropped).await;
    let mut settings = settings(vec![route("/", address)]);
    settings.client_timeout = Duration::from_millis(50);
    let answer = door(settings)
        .await
        .raw("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab")
        .await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("did not arrive in time"), "{answer}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
