//! State-changing requests that another site's page sends.
use e2e::{Person, Shop};
use reqwest::Method;
use serde_json::json;

crate::trials!(
    a_request_from_another_site_changes_nothing,
    a_request_from_the_shops_own_pages_works,
    reading_is_open_to_every_site,
);

async fn a_request_from_another_site_changes_nothing(shop: Shop) {
    let (ada, port) = (
        shop.person().await,
        shop.origin()
            .rsplit(':')
            .next()
            .unwrap_or_default()
            .to_owned(),
    );
    let title = format!("Planted {}", Person::new_email());
    let draft = json!({ "title": title, "price": 1 });
    let mut origins = vec![
        "http://evil.example".to_owned(),
        "https://evil.example".to_owned(),
        "null".to_owned(),
    ];
    origins.push(format!("{}.evil.example", shop.origin()));
    origins.push(format!("http://evil.example:{port}"));
    for origin in &origins {
        let request = ada
            .request(Method::POST, "/api/tickets")
            .header("origin", origin);
        ada.ask(request.json(&draft)).await.refused_with(&[403]);
        for path in [
            "/api/users/signup",
            "/api/users/signin",
            "/api/users/signout",
            "/api/users/refresh",
        ] {
            let request = ada.request(Method::POST, path).header("origin", origin);
            ada.ask(request.json(&ada.credentials()))
                .await
                .refused_with(&[403]);
        }
    }
    // Still signed in, and nothing on sale.
    assert_eq!(
        ada.get("/api/users/currentuser").await.is(200)["currentUser"]["id"],
        ada.id
    );
    let planted = shop
        .events()
        .seen()
        .into_iter()
        .any(|it| it.event["data"]["title"] == title.as_str());
    assert!(!planted, "a ticket was created for another site");
    let found = ada.get("/api/tickets").await.is(200);
    assert!(
        !found
            .as_array()
            .is_some_and(|all| all.iter().any(|ticket| ticket["title"] == title.as_str()))
    );
}

async fn a_request_from_the_shops_own_pages_works(shop: Shop) {
    let ada = shop.person().await;
    let request = ada
        .request(Method::POST, "/api/tickets")
        .header("origin", shop.origin());
    ada.ask(request.json(&json!({ "title": "From the page", "price": 5 })))
        .await
        .is(201);
}

async fn reading_is_open_to_every_site(shop: Shop) {
    let request = shop.visitor().request(Method::GET, "/api/tickets");
    shop.ask(request.header("origin", "http://news.example"))
        .await
        .is(200);
}
