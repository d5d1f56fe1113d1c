//! Starting on an address that is taken, changing settings while serving, and stopping in order.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use provider_ingress::Ingress;
use provider_kit::Health;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use crate::fixture::{always, answer, door, door_to, route, settings, soon, until, upstream};

/// An upstream that tells when it is asked and answers when it may.
async fn waiting() -> (std::net::SocketAddr, Arc<Notify>, Arc<Notify>) {
    let (asked, may_answer) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let address = upstream({
        let (asked, may_answer) = (Arc::clone(&asked), Arc::clone(&may_answer));
        move |_| {
            let (asked, may_answer) = (Arc::clone(&asked), Arc::clone(&may_answer));
            async move {
                asked.notify_one();
                may_answer.notified().await;
                Ok::<_, Infallible>(answer(200, "text/plain", "finished"))
            }
        }
    })
    .await;
    (address, asked, may_answer)
}

#[tokio::test]
async fn a_request_in_flight_finishes_while_nobody_new_is_let_in() {
    let (address, asked, may_answer) = waiting().await;
    let door = door_to(address).await;
    let at = door.address;
    let in_flight = tokio::spawn(async move {
        let got = crate::fixture::soon(async {
            let client =
                hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
                    .build_http::<http_body_util::Empty<bytes::Bytes>>();
            client.get(format!("http://{at}/").parse().unwrap()).await
        })
        .await;
        got.unwrap().status()
    });
    soon(asked.notified()).await;
    let stopping = tokio::spawn(door.ingress.stop());
    until(|| async { TcpStream::connect(at).await.is_err() }).await;
    assert!(!stopping.is_finished());
    may_answer.notify_one();
    assert_eq!(soon(in_flight).await.unwrap(), 200);
    soon(stopping).await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_cut_off_in_the_end() {
    let (address, asked, _never) = waiting().await;
    let mut settings = settings(vec![route("/", address)]);
    settings.drain_timeout = Duration::from_millis(50);
    let door = door(settings).await;
    let at = door.address;
    let in_flight = tokio::spawn(async move {
        let mut stream = TcpStream::connect(at).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        stream.read_to_end(&mut Vec::new()).await
    });
    soon(asked.notified()).await;
    soon(door.ingress.stop()).await;
    assert_eq!(soon(in_flight).await.unwrap().unwrap_or(0), 0);
}

#[tokio::test]
async fn a_crowd_that_finds_no_room_is_let_in_later() {
    const CROWD: usize = 1000;
    let mut settings = settings(vec![route("/", always(200, "text/plain", "ok").await)]);
    settings.max_connections = 1;
    let door = door(settings).await;
    let inside = TcpStream::connect(door.address).await.unwrap();
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        crowd.push(soon(TcpStream::connect(door.address)).await.unwrap());
    }
    drop(inside);
    for mut client in crowd {
        let request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        client.write_all(request).await.unwrap();
        let mut answer = String::new();
        soon(client.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

#[tokio::test]
async fn an_address_in_use_shows_in_the_health_until_it_is_free() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut settings = settings(vec![route("/", always(200, "text/plain", "ok").await)]);
    settings.address = taken.local_addr().unwrap();
    let health = Health::default();
    let ingress = Ingress::start(settings, health.clone());
    until(|| async { !health.response().healthy }).await;
    let message = health.response().message.unwrap();
    assert!(
        message.starts_with("listener: cannot listen on 127.0.0.1:"),
        "{message}"
    );
    drop(taken);
    soon(ingress.address()).await.unwrap();
    assert!(health.response().healthy);
}

#[tokio::test]
async fn new_settings_serve_the_next_request() {
    let first = settings(vec![route("/", always(200, "text/plain", "first").await)]);
    let mut second = settings(vec![route("/", always(200, "text/plain", "second").await)]);
    let door = door(first).await;
    assert_eq!(door.get("/").await.body, "first");
    second.address.set_port(0);
    door.ingress.reconfigure(second);
    assert_eq!(door.get("/").await.body, "second");
}

#[tokio::test]
async fn a_new_address_is_served_and_the_old_one_left() {
    let upstream = always(200, "text/plain", "ok").await;
    let door = door_to(upstream).await;
    let mut moved = settings(vec![route("/", upstream)]);
    moved.address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    door.ingress.reconfigure(moved.clone());
    until(|| async { door.ingress.address().await == Some(moved.address) }).await;
    let old = door.address;
    until(|| async { TcpStream::connect(old).await.is_err() }).await;
    let door = crate::fixture::Door {
        address: moved.address,
        ..door
    };
    assert_eq!(door.send(Request::get("/"), "").await.status, 200);
}
