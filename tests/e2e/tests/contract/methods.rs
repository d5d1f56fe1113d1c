//! Methods and paths that do not exist.
use e2e::Shop;
use reqwest::Method;

crate::trials!(
    a_method_that_a_path_does_not_have_is_refused,
    a_method_that_nobody_has_is_refused,
    a_path_that_does_not_exist_is_not_found,
);

/// The paths of the API with the methods that they have.
const PATHS: [(&str, &[&str]); 13] = [
    ("/api/users/signup", &["POST"]),
    ("/api/users/signin", &["POST"]),
    ("/api/users/signout", &["POST"]),
    ("/api/users/refresh", &["POST"]),
    ("/api/users/currentuser", &["GET"]),
    ("/api/tickets", &["GET", "POST"]),
    (
        "/api/tickets/7f8b4a3e-35a0-4f4e-8f5e-9d7a5d3b2c10",
        &["GET", "PUT", "DELETE"],
    ),
    ("/api/orders", &["GET", "POST"]),
    (
        "/api/orders/7f8b4a3e-35a0-4f4e-8f5e-9d7a5d3b2c10",
        &["GET", "DELETE"],
    ),
    ("/api/payments", &["POST"]),
    ("/api/payments/webhook", &["POST"]),
    ("/api/openapi.json", &["GET"]),
    ("/healthz", &["GET"]),
];

async fn a_method_that_a_path_does_not_have_is_refused(shop: Shop) {
    let person = shop.person().await;
    for (path, has) in PATHS {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"]
            .into_iter()
            .filter(|method| !has.contains(method))
        {
            let request = person.request(method.parse().unwrap_or(Method::PATCH), path);
            let request = request
                .header("content-type", "application/json")
                .body("{}");
            let reply = person.ask(request).await;
            reply.refused_with(&[405]);
            let allowed = reply.header("allow");
            assert!(
                has.iter().all(|method| allowed.contains(method)),
                "{method} {path}: Allow: {allowed}"
            );
            assert!(
                !allowed.split(", ").any(|one| one == method),
                "{method} {path}: Allow: {allowed}"
            );
        }
    }
    assert_eq!(
        person.get("/api/users/currentuser").await.is(200)["currentUser"]["id"],
        person.id
    );
}

async fn a_method_that_nobody_has_is_refused(shop: Shop) {
    for (path, _) in PATHS {
        for method in ["FROBNICATE", "PROPFIND", "TRACE"] {
            let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::TRACE);
            let request = shop.visitor().request(method, path);
            shop.ask(request).await.refused_with(&[400, 403, 404, 405]);
        }
    }
}

async fn a_path_that_does_not_exist_is_not_found(shop: Shop) {
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/tickets/a/b/c",
        "/api/users/nobody",
        "/api/payments/x/y",
        "/api/Tickets",
    ] {
        shop.visitor().get(path).await.refused_with(&[404, 405]);
        let request = shop
            .visitor()
            .request(Method::POST, path)
            .header("content-type", "application/json");
        shop.ask(request.body("{}")).await.refused_with(&[404, 405]);
    }
}
