//! Bodies that nobody should send: refused in the shape of every error, and nothing written.
use e2e::{Person, Shop};
use futures::stream;
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

crate::trials!(
    what_is_not_json_is_refused,
    json_that_is_no_object_is_refused,
    another_content_type_is_refused,
    a_body_over_64_kib_is_refused,
    a_body_over_64_kib_is_refused_when_its_length_is_not_announced,
    a_body_of_just_under_64_kib_is_read,
    json_of_great_depth_is_refused,
    a_field_that_is_given_twice_is_no_server_error,
    nothing_is_written_by_a_refused_request,
);

/// Every route that reads a body, with somebody who may use it.
async fn routes(shop: &Shop) -> (Person, Vec<(Method, String)>) {
    let person = shop.person().await;
    let ticket = person.sells("Keeps its title", 1.0).await;
    let put = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
    let mut routes = vec![(Method::PUT, put)];
    for path in [
        "/api/users/signup",
        "/api/users/signin",
        "/api/tickets",
        "/api/orders",
        "/api/payments",
    ] {
        routes.push((Method::POST, path.to_owned()));
    }
    (person, routes)
}

async fn refuse_everywhere(shop: &Shop, content_type: Option<&str>, body: &[u8], statuses: &[u16]) {
    let (person, routes) = routes(shop).await;
    for (method, path) in routes {
        let mut request = person.request(method, &path);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        person
            .ask(request.body(body.to_vec()))
            .await
            .refused_with(statuses);
    }
}

async fn what_is_not_json_is_refused(shop: Shop) {
    for body in [
        &b""[..],
        b" ",
        b"{",
        b"{\"title\":",
        b"{\"title\":\"a\",}",
        b"{'title':'a'}",
        b"title=a&price=1",
        b"<xml/>",
        b"{\"title\":\"\xff\xfe\"}",
        b"{\"title\":\"\\ud800\"}",
        b"{\"title\":\"a\x00\"}",
        b"\xef\xbb\xbf{}x",
        b"\x00",
        b"{\"title\":\"a\",\"price\":1}{}",
        b"{\"title\":\"tab\there\",\"price\":1}",
    ] {
        refuse_everywhere(&shop, Some("application/json"), body, &[400]).await;
    }
}

async fn json_that_is_no_object_is_refused(shop: Shop) {
    for body in [
        "null",
        "true",
        "7",
        "\"title\"",
        "[]",
        "[{\"title\":\"a\",\"price\":1}]",
    ] {
        refuse_everywhere(&shop, Some("application/json"), body.as_bytes(), &[400]).await;
    }
}

async fn another_content_type_is_refused(shop: Shop) {
    let body = json!({ "title": "A form", "price": 1, "email": Person::new_email(), "password": "correct horse" }).to_string();
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/jsonp"),
        Some("json"),
        Some("application/xml"),
        Some(";"),
    ] {
        refuse_everywhere(&shop, content_type, body.as_bytes(), &[415]).await;
    }
    let person = shop.person().await;
    for content_type in [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json;charset=UTF-8",
    ] {
        let request = person
            .request(Method::POST, "/api/tickets")
            .header("content-type", content_type);
        person.ask(request.body(body.clone())).await.is(201);
    }
}

fn padded(bytes: usize) -> String {
    let empty = json!({ "title": "Padded", "price": 1, "padding": "" }).to_string();
    json!({ "title": "Padded", "price": 1, "padding": "x".repeat(bytes - empty.len()) }).to_string()
}

async fn a_body_over_64_kib_is_refused(shop: Shop) {
    for bytes in [65_537, 100_000, 5_000_000] {
        let (person, routes) = routes(&shop).await;
        for (method, path) in routes {
            let request = person
                .request(method, &path)
                .header("content-type", "application/json");
            person
                .ask(request.body(padded(bytes)))
                .await
                .refused_with(&[413]);
        }
    }
    let request = shop
        .visitor()
        .request(Method::POST, "/api/payments/webhook");
    let request = request
        .header("content-type", "application/json")
        .header("stripe-signature", "t=1,v1=00");
    shop.ask(request.body(padded(70_000)))
        .await
        .refused_with(&[413]);
}

async fn a_body_over_64_kib_is_refused_when_its_length_is_not_announced(shop: Shop) {
    let (person, routes) = routes(&shop).await;
    for (method, path) in routes {
        let body = padded(100_000).into_bytes();
        let chunks: Vec<_> = body
            .chunks(8_192)
            .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
            .collect();
        let request = person
            .request(method, &path)
            .header("content-type", "application/json");
        person
            .ask(request.body(reqwest::Body::wrap_stream(stream::iter(chunks))))
            .await
            .refused_with(&[413]);
    }
}

async fn a_body_of_just_under_64_kib_is_read(shop: Shop) {
    let person = shop.person().await;
    let request = person
        .request(Method::POST, "/api/tickets")
        .header("content-type", "application/json");
    person.ask(request.body(padded(65_536))).await.is(201);
}

async fn json_of_great_depth_is_refused(shop: Shop) {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
        refuse_everywhere(&shop, Some("application/json"), deep.as_bytes(), &[400]).await;
        let inside = format!("{{\"title\":{deep},\"price\":{deep}}}");
        refuse_everywhere(&shop, Some("application/json"), inside.as_bytes(), &[400]).await;
    }
}

async fn a_field_that_is_given_twice_is_no_server_error(shop: Shop) {
    let person = shop.person().await;
    let body = r#"{"title":"First","title":"Second","price":1,"price":2}"#;
    let request = person
        .request(Method::POST, "/api/tickets")
        .header("content-type", "application/json");
    let reply = person.ask(request.body(body)).await;
    assert!(
        matches!(reply.status.as_u16(), 201 | 400),
        "{} {}",
        reply.status,
        reply.text()
    );
}

async fn nothing_is_written_by_a_refused_request(shop: Shop) {
    let (person, word) = (shop.person().await, Uuid::new_v4().simple().to_string());
    for body in [
        json!({ "title": word, "price": 0 }).to_string(),
        json!({ "title": word }).to_string(),
        format!(r#"{{"title":"{word}","price":1"#),
        format!(r#"[{{"title":"{word}","price":1}}]"#),
        format!(r#"{{"title":"{word}","price":1}} and more"#),
    ] {
        let request = person
            .request(Method::POST, "/api/tickets")
            .header("content-type", "application/json");
        person.ask(request.body(body)).await.refused_with(&[400]);
    }
    // What is accepted after them is published after them.
    let ticket = person.sells("Accepted", 1.0).await;
    shop.events().event("ticket:created", &ticket["id"]).await;
    let written = shop
        .events()
        .seen()
        .into_iter()
        .any(|it| it.event["data"]["title"] == word.as_str());
    assert!(!written, "a refused ticket was published");
    assert_eq!(
        shop.visitor()
            .get(&format!("/api/tickets?q={word}"))
            .await
            .is(200),
        json!([])
    );
}
