//! POST /api/users/signin.
use std::time::{Duration, Instant};

use e2e::{Person, Shop};
use serde_json::json;

crate::trials!(
    who_has_an_account_gets_a_session,
    the_email_is_compared_without_case,
    an_unknown_email_and_a_wrong_password_are_refused_alike,
    an_unknown_email_and_a_wrong_password_take_a_like_time,
    fields_of_another_type_are_refused,
);

const PATH: &str = "/api/users/signin";

async fn who_has_an_account_gets_a_session(shop: Shop) {
    let (ada, browser) = (shop.person().await, shop.visitor());
    let user = browser.post(PATH, &ada.credentials()).await.is(200);
    assert_eq!(user, json!({ "id": ada.id, "email": ada.email }));
    let now = browser.get("/api/users/currentuser").await.is(200);
    assert_eq!(now, json!({ "currentUser": user }));
}

async fn the_email_is_compared_without_case(shop: Shop) {
    let ada = shop.person().await;
    let mut credentials = ada.credentials();
    credentials["email"] = json!(ada.email.to_uppercase());
    assert_eq!(
        shop.visitor().post(PATH, &credentials).await.is(200)["id"],
        ada.id
    );
}

async fn an_unknown_email_and_a_wrong_password_are_refused_alike(shop: Shop) {
    let ada = shop.person().await;
    let wrong = json!({ "email": ada.email, "password": "not the password" });
    let unknown = json!({ "email": Person::new_email(), "password": "not the password" });
    let wrong = shop.visitor().post(PATH, &wrong).await;
    let unknown = shop.visitor().post(PATH, &unknown).await;
    for reply in [&wrong, &unknown] {
        reply.is(400);
        assert_eq!(reply.errors()[0]["message"], "Invalid credentials");
        assert!(reply.cookies().is_empty());
    }
    assert_eq!(wrong.text(), unknown.text());
}

async fn an_unknown_email_and_a_wrong_password_take_a_like_time(shop: Shop) {
    const TRIES: usize = 7;
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..TRIES {
        // A new one each time: repeated failures of one would be throttled.
        wrong.push(time_to_refuse(&shop, &shop.person().await.email).await);
        unknown.push(time_to_refuse(&shop, &Person::new_email()).await);
    }
    wrong.sort_unstable();
    unknown.sort_unstable();
    // Hashing takes most of the time; without it an unknown email is ten times faster.
    let (wrong, unknown) = (wrong[TRIES / 2], unknown[TRIES / 2]);
    assert!(
        unknown * 3 > wrong && wrong * 3 > unknown,
        "wrong {wrong:?}, unknown {unknown:?}"
    );
}

async fn time_to_refuse(shop: &Shop, email: &str) -> Duration {
    let credentials = json!({ "email": email, "password": "not the password" });
    let begin = Instant::now();
    shop.visitor().post(PATH, &credentials).await.is(400);
    begin.elapsed()
}

async fn fields_of_another_type_are_refused(shop: Shop) {
    for body in [
        json!({}),
        json!({ "email": 1, "password": 2 }),
        json!({ "email": null, "password": null }),
        json!({ "email": { "$gt": "" }, "password": { "$gt": "" } }),
        json!({ "email": "a\u{0}@example.com", "password": "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}" }),
        json!({ "email": "' or 1=1 --", "password": "' or 1=1 --" }),
        json!({ "email": "x".repeat(50_000), "password": "y".repeat(10_000) }),
    ] {
        shop.visitor().post(PATH, &body).await.is(400);
    }
}
