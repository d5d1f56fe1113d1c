//! What is kept for others, for how long, and what a write does to it.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::future::join_all;
use http::Request;
use hyper::body::Incoming;
use tokio::sync::Semaphore;

use crate::fixture::{
    Answer, Door, Got, answer, door, door_to, route, settings, soon, until, upstream,
};

/// For longer than a test takes.
const SHARED: (&str, &str) = ("cache-control", "public, max-age=0, s-maxage=60");
const GROUP: (&str, &str) = ("cache-groups", r#""numbers""#);

/// An origin whose every answer is another: how often it was asked. A read has `headers`; a write says what it changes.
#[derive(Clone)]
struct Origin {
    asked: Arc<Mutex<Vec<Instant>>>,
    /// Answers take a permit each.
    may_answer: Arc<Semaphore>,
    headers: Vec<(&'static str, &'static str)>,
    status: u16,
}

impl Origin {
    fn new(headers: &[(&'static str, &'static str)]) -> Self {
        Self {
            asked: Arc::default(),
            may_answer: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)),
            headers: headers.to_vec(),
            status: 200,
        }
    }

    /// One that answers as often as it has leave to.
    fn held(self) -> Self {
        Self {
            may_answer: Arc::new(Semaphore::new(0)),
            ..self
        }
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    async fn serve(&self) -> SocketAddr {
        let origin = self.clone();
        upstream(move |request| {
            let origin = origin.clone();
            async move { Ok::<_, Infallible>(origin.answer(request).await) }
        })
        .await
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let count = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(Instant::now());
            asked.len()
        };
        self.may_answer.acquire().await.unwrap().forget();
        let mut answer = answer(self.status, "application/json", count.to_string());
        let headers = answer.headers_mut();
        if request.method() == "GET" {
            for (name, value) in &self.headers {
                headers.append(*name, value.parse().unwrap());
            }
        } else if request.uri().path() == "/change" {
            headers.insert("cache-group-invalidation", r#""numbers""#.parse().unwrap());
        }
        answer
    }

    async fn door(&self) -> Door {
        door_to(self.serve().await).await
    }
}

fn shared() -> Origin {
    Origin::new(&[SHARED, GROUP])
}

#[tokio::test]
async fn many_questions_at_the_same_time_are_one() {
    let origin = shared().held();
    let door = origin.door().await;
    let asking = join_all((0..50).map(|_| door.get("/")));
    let answering = async {
        until(|| async { origin.asked() > 0 }).await;
        origin.may_answer.add_permits(50);
    };
    let (got, ()) = tokio::join!(asking, answering);
    assert!(got.iter().all(|got| got.body == "1"));
    assert_eq!(origin.asked(), 1);
}

#[tokio::test]
async fn nothing_is_older_than_its_lifetime() {
    let origin = Origin::new(&[("cache-control", "public, max-age=0, s-maxage=1")]);
    let door = origin.door().await;
    assert_eq!(door.get("/").await.body, "1");
    let asked = origin.asked.lock().unwrap()[0];
    let mut kept = 0;
    soon(async {
        loop {
            let age = asked.elapsed();
            if door.get("/").await.body != "1" {
                break;
            }
            kept += 1;
            assert!(age < Duration::from_secs(1), "{age:?}");
        }
    })
    .await;
    assert!(kept > 0);
    assert_eq!(origin.asked(), 2);
}

#[tokio::test]
async fn a_write_is_seen_at_once_by_everybody() {
    let door = shared().door().await;
    for path in ["/", "/other"] {
        let before = door.get(path).await.body;
        assert_eq!(door.get(path).await.body, before);
    }
    let (first, other) = (door.get("/").await.body, door.get("/other").await.body);
    door.send(Request::post("/change"), "").await;
    assert_ne!(door.get("/").await.body, first);
    assert_ne!(door.get("/other").await.body, other);
}

#[tokio::test]
async fn a_write_changes_what_is_at_its_own_address_whatever_it_says() {
    let door = shared().door().await;
    let (here, there) = (door.get("/here").await.body, door.get("/there").await.body);
    door.send(Request::put("/here"), "").await;
    assert_ne!(door.get("/here").await.body, here);
    assert_eq!(door.get("/there").await.body, there);
}

#[tokio::test]
async fn who_asks_after_a_write_does_not_get_an_answer_from_before_it() {
    let origin = shared().held();
    let door = origin.door().await;
    let before = door.get("/");
    let after = async {
        until(|| async { origin.asked() == 1 }).await;
        // The first question has no answer yet, the write has.
        let write = door.send(Request::post("/change"), "");
        let leave = async {
            until(|| async { origin.asked() == 2 }).await;
            origin.may_answer.add_permits(2);
        };
        let (write, ()) = tokio::join!(write, leave);
        assert_eq!(write.status, 200);
        origin.may_answer.add_permits(10);
        door.get("/").await.body
    };
    let (before, after) = tokio::join!(before, after);
    assert_eq!(before.body, "1");
    assert_eq!(after, "3");
}

#[tokio::test]
async fn a_writer_sees_the_write_at_another_door_too() {
    let origin = shared();
    let (here, there) = (origin.door().await, origin.door().await);
    let before = there.get("/").await.body;
    let write = here.send(Request::post("/change"), "").await;
    let cookie = write.header("set-cookie").split(';').next().unwrap();
    assert!(cookie.starts_with("recent-writes="), "{cookie}");

    assert_eq!(there.get("/").await.body, before);
    let writer = || Request::get("/").header("cookie", format!("session=x; {cookie}"));
    let seen = there.send(writer(), "").await.body;
    assert_ne!(seen, before);
    // And from then on, so does everybody.
    assert_eq!(there.get("/").await.body, seen);
}

#[tokio::test]
async fn what_is_not_for_everybody_is_asked_for_every_time() {
    let personal: [&[(&str, &str)]; 6] = [
        &[],
        &[("cache-control", "private, max-age=9")],
        &[("cache-control", "no-cache"), ("etag", "\"a\"")],
        &[SHARED, ("set-cookie", "a=b")],
        &[SHARED, ("vary", "cookie")],
        &[SHARED, ("vary", "*")],
    ];
    for headers in personal {
        let origin = Origin::new(headers);
        let door = origin.door().await;
        for count in ["1", "2", "3"] {
            assert_eq!(door.get("/").await.body, count, "{headers:?}");
        }
    }
    let door = shared().door().await;
    for count in ["1", "2"] {
        let request = Request::get("/").header("authorization", "Basic eDp5");
        assert_eq!(door.send(request, "").await.body, count);
    }
}

#[tokio::test]
async fn errors_are_not_kept() {
    for status in [400, 401, 404, 500, 503] {
        let origin = Origin { status, ..shared() };
        let door = origin.door().await;
        for count in ["1", "2"] {
            let got = door.get("/").await;
            assert_eq!(
                (got.status.as_u16(), &got.body[..]),
                (status, count.as_bytes())
            );
        }
    }
}

#[tokio::test]
async fn whoever_asks_for_something_personal_waits_for_nobody() {
    let origin = Origin::new(&[]).held();
    let door = origin.door().await;
    origin.may_answer.add_permits(1);
    assert_eq!(door.get("/").await.body, "1");
    let both = async { tokio::join!(door.get("/"), door.get("/")) };
    let leave = async {
        // Both are there before either has an answer.
        until(|| async { origin.asked() == 3 }).await;
        origin.may_answer.add_permits(2);
    };
    tokio::join!(both, leave);
}

#[tokio::test]
async fn whoever_has_waited_for_something_personal_gets_their_own() {
    let origin = Origin::new(&[("set-cookie", "a=b")]).held();
    let door = origin.door().await;
    let asking = join_all((0..10).map(|_| door.get("/")));
    let answering = async {
        until(|| async { origin.asked() > 0 }).await;
        origin.may_answer.add_permits(10);
    };
    let (got, ()) = tokio::join!(asking, answering);
    let mut bodies: Vec<_> = got.iter().map(|got| got.json().as_u64().unwrap()).collect();
    bodies.sort_unstable();
    assert_eq!(bodies, (1..=10).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_encoding_is_kept_for_those_who_accept_it() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let long = upstream(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut answer = answer(200, "application/json", "7".repeat(5000));
        let (name, value) = ("cache-control", "s-maxage=60");
        answer.headers_mut().insert(name, value.parse().unwrap());
        async { Ok::<_, Infallible>(answer) }
    })
    .await;
    let door = door_to(long).await;
    for _ in 0..2 {
        for (accepted, encoding) in [("br", "br"), ("gzip", "gzip"), ("identity", "")] {
            let request = Request::get("/").header("accept-encoding", accepted);
            let got = door.send(request, "").await;
            assert_eq!(got.header("content-encoding"), encoding);
            assert_eq!(got.header("vary"), "accept-encoding");
            assert_eq!(got.body.len() == 5000, encoding.is_empty());
        }
    }
    assert_eq!(asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_answer_tells_its_age_and_is_not_sent_twice() {
    let origin = Origin::new(&[
        ("cache-control", "s-maxage=60"),
        ("date", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ]);
    let door = origin.door().await;
    let first = door.get("/").await;
    assert_eq!(first.header("age"), "0");
    assert_eq!(first.header("cache-status"), "ingress; fwd=miss; stored");
    let again = door.get("/").await;
    assert_eq!(again.header("age"), "1");
    assert_eq!(again.header("cache-status"), "ingress; hit");
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
    assert!(!again.header("date").contains("1970"));

    let tag = first.header("etag");
    assert_eq!(tag, again.header("etag"));
    let known = |tag: &str| Request::get("/").header("if-none-match", tag);
    let not_again: Got = door.send(known(tag), "").await;
    assert_eq!(not_again.status, 304);
    assert_eq!(not_again.header("etag"), tag);
    assert!(not_again.body.is_empty());
    assert_eq!(door.send(known("\"other\""), "").await.body, "1");
}

#[tokio::test]
async fn a_tag_of_the_origin_is_respected_also_where_nothing_is_kept() {
    let door = Origin::new(&[
        ("cache-control", "no-cache"),
        ("etag", "\"a\""),
        ("link", "</x>"),
    ])
    .door()
    .await;
    let request = Request::get("/").header("if-none-match", "\"a\"");
    let got = door.send(request, "").await;
    assert_eq!((got.status.as_u16(), got.body.len()), (304, 0));
    assert_eq!(got.header("etag"), "\"a\"");
    assert_eq!(got.header("link"), "</x>");
}

#[tokio::test]
async fn what_is_kept_is_bounded() {
    const BODY: usize = 10_000;
    const LIMIT: usize = 20 * BODY;
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let large = upstream(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let mut answer = answer(200, "image/png", "x".repeat(BODY));
        let (name, value) = ("cache-control", "s-maxage=60");
        answer.headers_mut().insert(name, value.parse().unwrap());
        async { Ok::<_, Infallible>(answer) }
    })
    .await;
    let mut settings = settings(vec![route("/", large)]);
    settings.cache_max_bytes = LIMIT as u64;
    let door = door(settings).await;
    for _ in 0..2 {
        for number in 0..200 {
            door.get(&format!("/{number}")).await;
        }
    }
    let kept = 400 - asked.load(Ordering::SeqCst);
    assert!(kept * BODY <= LIMIT, "{kept} answers were kept");
    // It keeps something, too.
    assert!(asked.load(Ordering::SeqCst) < 400);
}
