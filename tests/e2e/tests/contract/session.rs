//! GET /api/users/currentuser, and what makes a session one.
use e2e::{Person, Shop, claims, forge, forge_unsigned, unix_now};
use reqwest::Method;
use serde_json::{Value, json};

crate::trials!(
    a_visitor_is_nobody,
    the_cookie_is_out_of_reach_of_scripts_and_other_sites,
    the_cookie_travels_over_https_alone_except_on_localhost,
    the_token_is_an_eddsa_jwt_of_at_most_15_minutes,
    a_token_that_is_malformed_tampered_with_or_forged_is_nobodys,
    an_expired_token_is_nobodys,
    without_a_session_nothing_that_needs_one_works,
);

const WHO: &str = "/api/users/currentuser";
const FIFTEEN_MINUTES: u64 = 15 * 60;

async fn a_visitor_is_nobody(shop: Shop) {
    assert_eq!(
        shop.visitor().get(WHO).await.is(200),
        json!({ "currentUser": null })
    );
}

async fn the_cookie_is_out_of_reach_of_scripts_and_other_sites(shop: Shop) {
    let ada = shop.person().await;
    let reply = shop
        .visitor()
        .post("/api/users/signin", &ada.credentials())
        .await;
    for cookie in reply.cookies() {
        assert!(cookie.attributes.contains_key("httponly"), "{cookie:?}");
        assert_eq!(cookie.attributes["samesite"], "Lax", "{cookie:?}");
        assert!(!cookie.attributes.contains_key("domain"), "{cookie:?}");
    }
    let session = reply.cookie("session").expect("a session cookie");
    assert_eq!(session.attributes["path"], "/");
    assert!(reply.cookies().len() > 1, "no refresh token");
}

async fn the_cookie_travels_over_https_alone_except_on_localhost(shop: Shop) {
    let ada = shop.person().await;
    let sign_in = |host: Option<&str>| {
        let request = ada
            .request(Method::POST, "/api/users/signin")
            .json(&ada.credentials());
        match host {
            Some(host) => request.header("host", host),
            None => request,
        }
    };
    for (host, secure) in [
        (None, false),
        (Some("localhost:8000"), false),
        (Some("shop.example"), true),
    ] {
        let reply = shop.ask(sign_in(host)).await;
        reply.is(200);
        for cookie in reply.cookies() {
            assert_eq!(
                cookie.attributes.contains_key("secure"),
                secure,
                "{host:?}: {cookie:?}"
            );
        }
    }
}

async fn the_token_is_an_eddsa_jwt_of_at_most_15_minutes(shop: Shop) {
    let claims = claims(&token(&shop.person().await));
    let (issued, expires) = (claims["iat"].as_u64(), claims["exp"].as_u64());
    let (Some(issued), Some(expires)) = (issued, expires) else {
        panic!("no times in {claims}")
    };
    assert!(issued <= unix_now() + 5 && unix_now() < expires, "{claims}");
    assert!(expires - issued <= FIFTEEN_MINUTES, "{claims}");
}

async fn a_token_that_is_malformed_tampered_with_or_forged_is_nobodys(shop: Shop) {
    let (ada, eve) = (shop.person().await, shop.person().await);
    let token = token(&ada);
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("no JWT: {token}")
    };
    let mut as_eve = claims(&token);
    as_eve["sub"] = json!(eve.id);
    let swapped = format!(
        "{header}.{}.{signature}",
        forge(&as_eve).split('.').nth(1).unwrap_or_default()
    );
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    for bad in [
        String::new(),
        "x".to_owned(),
        "..".to_owned(),
        "a.b.c".to_owned(),
        "%00".to_owned(),
        "\u{e4}\u{f6}\u{fc}".to_owned(),
        "x".repeat(4000),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{flipped}{}", &signature[1..]),
        swapped,
        forge(&claims(&token)),
        forge_unsigned(&claims(&token)),
    ] {
        is_nobodys(&shop, &bad).await;
    }
}

async fn an_expired_token_is_nobodys(shop: Shop) {
    let (ada, keys) = (shop.person().await, shop.keys());
    let mut claims = claims(&token(&ada));
    // The same key and claims do work while they have not expired, so nothing else is wrong.
    assert_eq!(who_is(&shop, &keys.sign(&claims)).await["id"], ada.id);
    claims["iat"] = json!(unix_now() - 2 * FIFTEEN_MINUTES);
    claims["exp"] = json!(unix_now() - 1);
    is_nobodys(&shop, &keys.sign(&claims)).await;
}

async fn without_a_session_nothing_that_needs_one_works(shop: Shop) {
    let (ada, visitor) = (shop.person().await, shop.visitor());
    let ticket = ada.sells("A ticket that strangers want", 10.0).await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
    let draft = json!({ "title": "Mine now", "price": 1 });
    visitor
        .post("/api/tickets", &draft)
        .await
        .is_not_authorized();
    visitor.put(&path, &draft).await.is_not_authorized();
    visitor.delete(&path).await.is_not_authorized();
    visitor.get("/api/orders").await.is_not_authorized();
    visitor
        .get(&format!("/api/orders/{}", ada.id))
        .await
        .is_not_authorized();
    visitor
        .delete(&format!("/api/orders/{}", ada.id))
        .await
        .is_not_authorized();
    visitor
        .post("/api/orders", &json!({ "ticketId": ticket["id"] }))
        .await
        .is_not_authorized();
    let payment = json!({ "orderId": ada.id, "token": "pm_card_visa" });
    visitor
        .post("/api/payments", &payment)
        .await
        .is_not_authorized();
    visitor
        .post("/api/users/refresh", &json!({}))
        .await
        .is_not_authorized();
    assert_eq!(visitor.get(&path).await.is(200)["title"], ticket["title"]);
}

fn token(person: &Person) -> String {
    person
        .jar()
        .value("session")
        .expect("a session cookie")
        .to_owned()
}

async fn who_is(shop: &Shop, token: &str) -> Value {
    let person = shop.visitor();
    person.jar().set("session", token);
    person.get(WHO).await.is(200)["currentUser"].clone()
}

async fn is_nobodys(shop: &Shop, token: &str) {
    assert_eq!(who_is(shop, token).await, Value::Null, "{token}");
    let person = shop.visitor();
    person.jar().set("session", token);
    let draft = json!({ "title": "Forged", "price": 1 });
    person
        .post("/api/tickets", &draft)
        .await
        .is_not_authorized();
    person.get("/api/orders").await.is_not_authorized();
}
