//! POST /api/users/refresh.
use e2e::Shop;
use reqwest::Method;
use serde_json::json;

crate::trials!(
    a_session_is_renewed_after_its_token_has_expired,
    a_refresh_token_works_once,
    of_two_uses_of_a_refresh_token_at_once_one_succeeds,
    a_made_up_refresh_token_is_refused,
);

const PATH: &str = "/api/users/refresh";

async fn a_session_is_renewed_after_its_token_has_expired(shop: Shop) {
    let ada = shop.person().await;
    ada.jar().forget("session");
    ada.post(PATH, &json!({})).await.is(200);
    assert_eq!(
        ada.get("/api/users/currentuser").await.is(200)["currentUser"]["id"],
        ada.id
    );
    // And again, with the token that came back: no body is needed.
    ada.ask(ada.request(Method::POST, PATH)).await.is(200);
}

async fn a_refresh_token_works_once(shop: Shop) {
    let ada = shop.person().await;
    let thief = ada.twin();
    ada.post(PATH, &json!({})).await.is(200);
    thief.post(PATH, &json!({})).await.is_not_authorized();
}

async fn of_two_uses_of_a_refresh_token_at_once_one_succeeds(shop: Shop) {
    let ada = shop.person().await;
    let (tab, other_tab, body) = (ada.twin(), ada.twin(), json!({}));
    let (one, other) = futures::join!(tab.post(PATH, &body), other_tab.post(PATH, &body));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
}

async fn a_made_up_refresh_token_is_refused(shop: Shop) {
    let ada = shop.person().await;
    let reply = shop
        .visitor()
        .post("/api/users/signin", &ada.credentials())
        .await;
    let refresh = reply
        .cookies()
        .into_iter()
        .find(|cookie| cookie.name != "session");
    let name = refresh.expect("a refresh token").name;
    for token in [
        "",
        "x",
        "..",
        "00000000-0000-4000-8000-000000000000",
        &"x".repeat(3000),
        "a/b>*.c",
    ] {
        let stranger = shop.visitor();
        stranger.jar().set(&name, token);
        stranger.post(PATH, &json!({})).await.is_not_authorized();
    }
}
