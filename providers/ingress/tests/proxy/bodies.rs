//! The limit on request bodies, whatever way they come.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http::Request;

use crate::fixture::{Door, answer, door, door_to, echo, route, settings, upstream};

async fn limited_door(limit: usize) -> (Door, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let counting = upstream(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, Infallible>(answer(200, "text/plain", "ok")) }
    })
    .await;
    let mut settings = settings(vec![route("/", counting)]);
    settings.max_body_bytes = limit;
    (door(settings).await, asked)
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_passes() {
    let door = door_to(echo().await).await;
    let body = "x".repeat(65536);
    let got = door.send(Request::post("/"), body.clone()).await;
    assert_eq!(got.json()["body"].as_str(), Some(body.as_str()));
    assert_eq!(got.echoed("content-length"), ["65536"]);
}

#[tokio::test]
async fn a_larger_body_is_refused_and_no_upstream_sees_it() {
    let (door, asked) = limited_door(16).await;
    for size in [17, 100_000, 3_000_000] {
        let got = door.send(Request::post("/"), "x".repeat(size)).await;
        assert_eq!(got.status, 413);
        let message = "The request body is larger than 16 bytes";
        assert_eq!(got.error_messages(), [message]);
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_chunked_body_passes_up_to_the_limit_with_a_length_for_the_upstream() {
    let door = door_to(echo().await).await;
    let got = door
        .raw(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
             3\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: 1\r\n\r\n",
        )
        .await;
    assert!(got.contains(r#""body":"abcde""#), "{got}");
    assert!(got.contains(r#"["content-length","5"]"#), "{got}");
    assert!(!got.contains("transfer-encoding\","), "{got}");
}

#[tokio::test]
async fn a_larger_chunked_body_is_refused_and_no_upstream_sees_it() {
    let (door, asked) = limited_door(16).await;
    let mut request = String::from(
        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for _ in 0..5 {
        request.push_str("4\r\nabcd\r\n");
    }
    request.push_str("0\r\n\r\n");
    let answer = door.raw(request).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains(r#"{"errors":[{"message":"#), "{answer}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_client_that_waits_for_leave_is_refused_without_sending() {
    let (door, asked) = limited_door(16).await;
    let answer = door
        .raw(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 17\r\n\
             Connection: close\r\n\r\n",
        )
        .await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn both_framings_at_once_are_not_smuggled_on() {
    let door = door_to(echo().await).await;
    let answer = door
        .raw(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\
             Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n",
        )
        .await;
    assert!(!answer.contains("smuggled"), "{answer}");
    assert!(!answer.contains("transfer-encoding\","), "{answer}");
}
