//! A route that leads to several upstreams: any of them answers, and one that is gone is not missed.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use http::uri::Authority;
use http::{Request, StatusCode};
use provider_ingress::{Route, Settings};
use tokio::sync::Notify;

use super::fixture::{Answer, Door, answer, door, nobody, settings, soon, until, upstream};

fn equals(upstreams: &[SocketAddr]) -> Settings {
    let mut all = upstreams
        .iter()
        .map(|upstream| Authority::try_from(upstream.to_string()).unwrap());
    let first = all.next().unwrap();
    let mut settings = settings(vec![Route::among("/", first, all.collect())]);
    settings.idempotent_writes = true;
    settings
}

/// An upstream that says who it is.
async fn named(name: &'static str) -> SocketAddr {
    upstream(move |_| async move { Ok::<_, Infallible>(answer(200, "text/plain", name)) }).await
}

async fn body(door: &Door) -> String {
    String::from_utf8(door.get("/").await.body.to_vec()).unwrap()
}

#[tokio::test]
async fn all_of_them_have_their_turn() {
    let door = door(equals(&[
        named("a").await,
        named("b").await,
        named("c").await,
    ]))
    .await;
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        seen.insert(body(&door).await);
    }
    assert_eq!(seen, ["a", "b", "c"].map(str::to_owned).into());
}

#[tokio::test]
async fn one_that_is_gone_is_not_missed_by_reads_and_by_writes() {
    let door = door(equals(&[nobody().await, named("b").await, nobody().await])).await;
    for _ in 0..6 {
        assert_eq!(body(&door).await, "b");
        let written = door.send(Request::post("/"), "{}").await;
        assert_eq!(written.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn one_that_hangs_up_in_the_middle_of_a_write_is_replaced() {
    let hangs_up = upstream(|_| async { Err::<Answer, _>("gone") }).await;
    let door = door(equals(&[hangs_up, named("b").await])).await;
    for _ in 0..4 {
        let written = door.send(Request::post("/"), "{}").await;
        assert_eq!(written.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn one_that_says_that_it_cannot_serve_is_replaced_and_the_last_word_is_passed_on() {
    let busy = |why: &'static str| {
        upstream(move |_| async move { Ok::<_, Infallible>(answer(503, "application/json", why)) })
    };
    let door_to_two = door(equals(&[busy("{}").await, named("b").await])).await;
    for _ in 0..4 {
        assert_eq!(body(&door_to_two).await, "b");
    }
    let door_to_busy = door(equals(&[busy("1").await, busy("1").await])).await;
    let got = door_to_busy.get("/").await;
    assert_eq!(
        (got.status, &got.body[..]),
        (StatusCode::SERVICE_UNAVAILABLE, &b"1"[..])
    );
}

#[tokio::test]
async fn one_that_is_well_is_enough_for_the_health() {
    let one = door(equals(&[nobody().await, named("b").await])).await;
    assert_eq!(one.get("/healthz").await.status, StatusCode::OK);
    let none = door(equals(&[nobody().await, nobody().await])).await;
    let got = none.get("/healthz").await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(got.error_messages().len(), 2);
}

#[tokio::test]
async fn one_that_is_taken_out_finishes_what_it_has_begun() {
    let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (begun, finish) = (Arc::clone(&begun), Arc::clone(&finish));
        upstream(move |_| {
            let (begun, finish) = (Arc::clone(&begun), Arc::clone(&finish));
            async move {
                begun.notify_one();
                finish.notified().await;
                Ok::<_, Infallible>(answer(200, "text/plain", "slow"))
            }
        })
        .await
    };
    let other = named("other").await;
    let door = door(equals(&[slow])).await;
    assert_eq!(door.ingress.in_flight(&slow.to_string()), 0);
    let asked = async {
        assert_eq!(body(&door).await, "slow");
    };
    let taken_out = async {
        soon(begun.notified()).await;
        door.ingress.reconfigure(equals(&[other]));
        assert_eq!(body(&door).await, "other");
        assert_eq!(door.ingress.in_flight(&slow.to_string()), 1);
        finish.notify_one();
    };
    tokio::join!(asked, taken_out);
    until(|| async { door.ingress.in_flight(&slow.to_string()) == 0 }).await;
}
