//! What passes the door, what stops there, and what the ingress adds.

use std::convert::Infallible;

use http::Request;

use crate::fixture::{answer, door_to, echo, upstream};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn the_upstream_sees_the_original_host_and_the_real_client() {
    let door = door_to(echo().await).await;
    let request = Request::get("/")
        .header("host", "shop.test")
        .header("x-forwarded-for", "203.0.113.9")
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "for=203.0.113.9");
    let got = door.send(request, "").await;
    assert_eq!(got.echoed("host"), ["shop.test"]);
    assert_eq!(got.echoed("x-forwarded-for"), ["127.0.0.1"]);
    assert_eq!(got.echoed("x-forwarded-proto"), ["http"]);
    assert_eq!(got.echoed("x-forwarded-host"), ["shop.test"]);
    assert!(got.echoed("forwarded").is_empty());
}

#[tokio::test]
async fn hop_by_hop_headers_stop_in_both_directions() {
    let echoing = door_to(echo().await).await;
    let sent = echoing
        .raw(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Private\r\nX-Private: 1\r\n\
             Keep-Alive: timeout=5\r\nTE: trailers\r\nUpgrade: websocket\r\nCookie: a=b\r\n\r\n",
        )
        .await;
    for stopped in ["x-private", "keep-alive\",", "\"te\"", "upgrade\","] {
        assert!(!sent.contains(stopped), "{stopped} in {sent}");
    }
    assert!(sent.contains(r#"["cookie","a=b"]"#));

    let chatty = upstream(|_| async {
        let mut answer = answer(200, "text/plain", "ok");
        let headers = answer.headers_mut();
        headers.insert("connection", "x-internal".parse().unwrap());
        headers.insert("x-internal", "1".parse().unwrap());
        headers.insert("keep-alive", "timeout=9".parse().unwrap());
        headers.append("set-cookie", "a=1".parse().unwrap());
        headers.append("set-cookie", "b=2".parse().unwrap());
        Ok::<_, Infallible>(answer)
    })
    .await;
    let got = door_to(chatty).await.get("/").await;
    assert_eq!(got.header("x-internal"), "");
    assert_eq!(got.header("keep-alive"), "");
    assert_eq!(got.headers.get_all("set-cookie").iter().count(), 2);
}

#[tokio::test]
async fn a_request_id_is_passed_on_and_returned() {
    let door = door_to(echo().await).await;
    let request = Request::get("/").header("x-request-id", "load-test_7");
    let got = door.send(request, "").await;
    assert_eq!(got.header("x-request-id"), "load-test_7");
    assert_eq!(got.echoed("x-request-id"), ["load-test_7"]);
}

#[tokio::test]
async fn an_absent_or_malformed_request_id_is_replaced() {
    let door = door_to(echo().await).await;
    for request in [
        Request::get("/"),
        Request::get("/").header("x-request-id", "two words"),
    ] {
        let got = door.send(request, "").await;
        let id = got.header("x-request-id").to_owned();
        assert_eq!(id.len(), 36, "{id}");
        assert_eq!(got.echoed("x-request-id"), [id]);
    }
}

#[tokio::test]
async fn errors_of_the_ingress_carry_the_request_id_too() {
    let door = door_to(echo().await).await;
    let request = Request::builder().method("TRACE").uri("/");
    let got = door.send(request.header("x-request-id", "seven"), "").await;
    assert_eq!(got.header("x-request-id"), "seven");
}

#[tokio::test]
async fn a_trace_is_carried_on_or_begun() {
    let door = door_to(echo().await).await;
    let carried = Request::get("/").header("traceparent", TRACE);
    assert_eq!(door.send(carried, "").await.echoed("traceparent"), [TRACE]);

    let invalid = Request::get("/").header("traceparent", "00-zz");
    for request in [Request::get("/"), invalid] {
        let begun = door.send(request, "").await.echoed("traceparent");
        assert_eq!(begun.len(), 1);
        assert!(
            begun[0].starts_with("00-") && begun[0].len() == 55,
            "{begun:?}"
        );
    }
}
