//! Which upstream answers, and what never reaches one.

use http::Request;

use crate::fixture::{always, door, door_to, echo, route, settings};

#[tokio::test]
async fn the_longest_prefix_on_a_segment_border_decides() {
    let door = door(settings(vec![
        route("/", always(200, "text/plain", "client").await),
        route("/api/tickets", always(200, "text/plain", "tickets").await),
    ]))
    .await;
    for (path, service) in [
        ("/api/tickets", "tickets"),
        ("/api/tickets/7?q=a", "tickets"),
        ("/api/ticketsandmore", "client"),
        ("/", "client"),
    ] {
        assert_eq!(door.get(path).await.body, service, "{path}");
    }
}

#[tokio::test]
async fn path_and_query_reach_the_upstream_unchanged() {
    let door = door_to(echo().await).await;
    for target in [
        "/a/../b?x=%20&y",
        "/%00%ff/%2e%2e/%2F?",
        "//double//slash",
        "/a;b=c/@:!$&'()*+,=~",
        "/?",
    ] {
        assert_eq!(door.get(target).await.json()["target"], target);
    }
}

#[tokio::test]
async fn a_path_without_a_route_is_not_found() {
    let door = door(settings(vec![route("/api", echo().await)])).await;
    let got = door.get("/other").await;
    assert_eq!(got.status, 404);
    assert_eq!(got.error_messages(), ["Not Found"]);
}

#[tokio::test]
async fn methods_that_nobody_answers_are_refused() {
    let door = door_to(echo().await).await;
    for method in ["TRACE", "PROPFIND"] {
        let got = door
            .send(Request::builder().method(method).uri("/"), "")
            .await;
        assert_eq!(got.status, 405);
        assert_eq!(got.error_messages(), ["Method not allowed"]);
        assert!(got.header("allow").contains("GET"));
    }
    let connect = door
        .raw("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nConnection: close\r\n\r\n")
        .await;
    assert!(connect.starts_with("HTTP/1.1 405"), "{connect}");
    assert!(connect.contains(r#"{"errors":[{"message":"Method not allowed"}]}"#));
}

#[tokio::test]
async fn an_absolute_target_is_routed_by_its_path() {
    let door = door_to(echo().await).await;
    let answer = door
        .raw("GET http://shop.test/a?b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await;
    assert!(answer.contains(r#""target":"/a?b""#), "{answer}");
    assert!(answer.contains(r#"["host","shop.test"]"#), "{answer}");
}

#[tokio::test]
async fn malformed_requests_do_not_harm_the_ones_after_them() {
    let door = door_to(echo().await).await;
    for request in [
        &b"GARBAGE\r\n\r\n"[..],
        b"GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(70_000)).as_bytes(),
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    ] {
        let answer = door.raw(request).await;
        let shown = String::from_utf8_lossy(request);
        assert!(answer.starts_with("HTTP/1.1 4"), "{shown}: {answer}");
        assert!(
            answer.contains(r#"{"errors":[{"message":""#),
            "{shown}: {answer}"
        );
    }
    assert_eq!(door.get("/").await.status, 200);
}
