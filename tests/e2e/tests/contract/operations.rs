//! What operators and programmers ask for: the health check and the API's description.
use e2e::{OpenApi, Shop};
use reqwest::Method;

crate::trials!(
    the_health_check_is_content,
    the_openapi_document_is_the_one_of_the_repository,
    the_configuration_says_what_a_browser_has_to_know,
    every_answer_forbids_guessing_its_type,
);

async fn the_health_check_is_content(shop: Shop) {
    shop.visitor().get("/healthz").await.is(200);
}

async fn the_openapi_document_is_the_one_of_the_repository(shop: Shop) {
    let reply = shop.visitor().get("/api/openapi.json").await;
    let document = OpenApi::read().expect("the document of the repository");
    assert_eq!(reply.is(200), *document.document());
    assert!(
        reply.header("content-type").starts_with("application/json"),
        "{:?}",
        reply.headers
    );
}

async fn the_configuration_says_what_a_browser_has_to_know(shop: Shop) {
    let config = shop.visitor().get("/api/config").await.is(200);
    assert_eq!(config["currency"], "usd");
    // Payments go to the double, and Stripe's own card fields work with Stripe alone.
    assert_eq!(config["cardForm"], "test");
}

async fn every_answer_forbids_guessing_its_type(shop: Shop) {
    for path in [
        "/api/tickets",
        "/api/users/currentuser",
        "/api/nothing",
        "/",
        "/healthz",
    ] {
        let reply = shop.ask(shop.visitor().request(Method::GET, path)).await;
        assert_eq!(
            reply.header("x-content-type-options"),
            "nosniff",
            "{path}: {:?}",
            reply.headers
        );
    }
}
