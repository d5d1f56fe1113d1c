//! Answers that are worth it are compressed for clients that understand it.

use std::convert::Infallible;

use http::Request;

use crate::fixture::{Answer, Got, answer, door_to, upstream};

const LONG: &str = "the same words again and again ";

async fn ask(accept: &str, made: impl Fn() -> Answer + Clone + Send + Sync + 'static) -> Got {
    let upstream = upstream(move |_| {
        let answer = made();
        async { Ok::<_, Infallible>(answer) }
    })
    .await;
    let request = Request::get("/").header("accept-encoding", accept);
    door_to(upstream).await.send(request, "").await
}

fn long_json() -> Answer {
    let mut answer = answer(200, "application/json", LONG.repeat(200));
    let headers = answer.headers_mut();
    headers.insert("etag", "\"v1\"".parse().unwrap());
    answer
}

#[tokio::test]
async fn text_is_compressed_as_the_client_prefers() {
    for (accept, encoding) in [
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("br;q=0.1, gzip", "gzip"),
    ] {
        let got = ask(accept, long_json).await;
        assert_eq!(got.header("content-encoding"), encoding);
        assert_eq!(got.header("vary"), "accept-encoding");
        assert_eq!(got.header("etag"), "W/\"v1\"");
        assert!(got.body.len() < LONG.len() * 20);
    }
}

#[tokio::test]
async fn a_client_that_does_not_ask_gets_it_plain() {
    for accept in ["identity", "gzip;q=0", "zstd"] {
        let got = ask(accept, long_json).await;
        assert_eq!(got.header("content-encoding"), "");
        assert_eq!(got.header("etag"), "\"v1\"");
        assert_eq!(got.body.len(), LONG.len() * 200);
    }
}

#[tokio::test]
async fn short_answers_and_other_types_are_left_alone() {
    let short = ask("br", || answer(200, "application/json", "{}")).await;
    assert_eq!(short.header("content-encoding"), "");
    let image = ask("br", || answer(200, "image/png", LONG.repeat(200))).await;
    assert_eq!(image.header("content-encoding"), "");
}

#[tokio::test]
async fn what_is_encoded_already_passes_as_it_is() {
    let encoded = ask("gzip, br", || {
        let mut answer = long_json();
        let headers = answer.headers_mut();
        headers.insert("content-encoding", "gzip".parse().unwrap());
        answer
    })
    .await;
    assert_eq!(encoded.header("content-encoding"), "gzip");
    assert_eq!(encoded.header("etag"), "\"v1\"");
    assert_eq!(encoded.body.len(), LONG.len() * 200);
}
