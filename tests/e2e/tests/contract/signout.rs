//! POST /api/users/signout.
use e2e::Shop;
use serde_json::json;

crate::trials!(
    signing_out_clears_the_cookies,
    a_session_that_is_over_renews_no_more,
    signing_out_of_one_browser_leaves_the_other_alone,
    who_is_not_signed_in_can_sign_out,
);

const PATH: &str = "/api/users/signout";

async fn signing_out_clears_the_cookies(shop: Shop) {
    let ada = shop.person().await;
    let reply = ada.post(PATH, &json!({})).await;
    assert_eq!(reply.is(200), json!({}));
    assert!(
        reply
            .cookie("session")
            .is_some_and(|cookie| cookie.clears()),
        "{:?}",
        reply.cookies()
    );
    assert!(ada.jar().is_empty(), "{:?}", ada.jar());
    let now = ada.get("/api/users/currentuser").await.is(200);
    assert_eq!(now, json!({ "currentUser": null }));
}

async fn a_session_that_is_over_renews_no_more(shop: Shop) {
    let ada = shop.person().await;
    let copy = ada.twin();
    ada.post(PATH, &json!({})).await.is(200);
    copy.post("/api/users/refresh", &json!({}))
        .await
        .is_not_authorized();
}

async fn signing_out_of_one_browser_leaves_the_other_alone(shop: Shop) {
    let (ada, other_browser) = (shop.person().await, shop.visitor());
    other_browser
        .post("/api/users/signin", &ada.credentials())
        .await
        .is(200);
    ada.post(PATH, &json!({})).await.is(200);
    other_browser
        .post("/api/users/refresh", &json!({}))
        .await
        .is(200);
}

async fn who_is_not_signed_in_can_sign_out(shop: Shop) {
    assert_eq!(
        shop.visitor().post(PATH, &json!({})).await.is(200),
        json!({})
    );
}
