//! Everything else: the single-page app.
use e2e::Shop;
use reqwest::Method;

crate::trials!(
    the_front_page_is_html,
    a_path_of_the_app_gets_the_front_page,
    a_file_that_does_not_exist_is_not_found,
    the_front_page_is_not_sent_again_when_it_has_not_changed,
    the_front_page_says_what_it_will_ask_for,
    pages_run_their_own_scripts_only,
    nothing_outside_the_app_is_served,
);

async fn the_front_page_is_html(shop: Shop) {
    let reply = shop.visitor().get("/").await;
    reply.is(200);
    assert!(
        reply.header("content-type").starts_with("text/html"),
        "{:?}",
        reply.headers
    );
    assert!(
        reply.text().to_lowercase().contains("<!doctype html>"),
        "{}",
        reply.text()
    );
}

async fn a_path_of_the_app_gets_the_front_page(shop: Shop) {
    let front = shop.visitor().get("/").await.text();
    for path in ["/tickets/new", "/orders", "/auth/signin", "/a/b/c?d=e"] {
        let reply = shop.visitor().get(path).await;
        reply.is(200);
        assert_eq!(reply.text(), front, "{path}");
    }
}

async fn a_file_that_does_not_exist_is_not_found(shop: Shop) {
    for path in [
        "/nothing.js",
        "/assets/nothing.css",
        "/favicon.bmp",
        "/index.php",
    ] {
        shop.visitor().get(path).await.refused_with(&[404]);
    }
}

async fn the_front_page_is_not_sent_again_when_it_has_not_changed(shop: Shop) {
    let reply = shop.visitor().get("/").await;
    let tag = reply.header("etag").to_owned();
    assert!(!tag.is_empty(), "{:?}", reply.headers);
    let request = shop
        .visitor()
        .request(Method::GET, "/")
        .header("if-none-match", tag);
    let again = shop.ask(request).await;
    again.is(304);
    assert!(again.body.is_empty());
}

async fn the_front_page_says_what_it_will_ask_for(shop: Shop) {
    let reply = shop.visitor().get("/").await;
    let link = reply.header("link");
    assert!(
        link.contains("</api/tickets?limit=24>; rel=preload"),
        "{link}"
    );
}

async fn pages_run_their_own_scripts_only(shop: Shop) {
    let reply = shop.visitor().get("/orders").await;
    let policy = reply.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    assert!(policy.contains("script-src 'self';"), "{policy}");
}

async fn nothing_outside_the_app_is_served(shop: Shop) {
    for path in [
        "/..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/.env",
        "/wadm.yaml",
        "/%00",
        "//etc/passwd",
    ] {
        let reply = shop.visitor().get(path).await;
        assert!(!reply.text().contains("root:"), "{path}");
        assert!(
            matches!(reply.status.as_u16(), 200 | 400 | 404),
            "{path}: {}",
            reply.status
        );
    }
}
