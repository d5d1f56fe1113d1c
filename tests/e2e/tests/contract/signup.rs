//! POST /api/users/signup.
use e2e::{Person, Shop};
use serde_json::{Value, json};

crate::trials!(
    a_newcomer_gets_an_account_and_a_session,
    an_email_must_look_like_one,
    a_password_has_8_to_128_characters,
    both_fields_are_named_when_both_are_bad,
    an_email_is_taken_once_without_regard_to_case,
    of_two_who_sign_up_with_one_email_at_once_one_succeeds,
    the_password_is_never_sent_back,
);

const PATH: &str = "/api/users/signup";

fn form(email: impl Into<Value>, password: impl Into<Value>) -> Value {
    json!({ "email": email.into(), "password": password.into() })
}

async fn a_newcomer_gets_an_account_and_a_session(shop: Shop) {
    let (person, email) = (shop.visitor(), Person::new_email());
    let user = person
        .post(PATH, &form(email.as_str(), "correct horse"))
        .await
        .is(201);
    assert_eq!(user["email"], email);
    let now = person.get("/api/users/currentuser").await.is(200);
    assert_eq!(now, json!({ "currentUser": user }));
}

async fn an_email_must_look_like_one(shop: Shop) {
    let too_long = format!("{}@example.com", "a".repeat(300));
    let bad = [
        json!(""),
        json!(" "),
        json!("ada"),
        json!("@"),
        json!("ada@"),
        json!("@example.com"),
        json!("ada@example@com"),
        json!("ada @example.com"),
        json!("ada@exam ple.com"),
        json!("ada@example.com\nbcc: eve@example.com"),
        json!("ada\u{0}@example.com"),
        json!(too_long),
        json!(null),
        json!(7),
        json!(true),
        json!(["ada@example.com"]),
        json!({ "$ne": "" }),
    ];
    for email in bad {
        let reply = shop
            .visitor()
            .post(PATH, &form(email, "correct horse"))
            .await;
        reply.refused(400, "Email must be valid", Some("email"));
        assert!(reply.cookies().is_empty(), "a session for nobody");
    }
    let reply = shop
        .visitor()
        .post(PATH, &json!({ "password": "correct horse" }))
        .await;
    reply.refused(400, "Email must be valid", Some("email"));
}

async fn a_password_has_8_to_128_characters(shop: Shop) {
    let message = "Password must be between 8 and 128 characters";
    let bad = [
        json!(""),
        json!("1234567"),
        json!("é".repeat(7)),
        json!("x".repeat(129)),
        json!("x".repeat(10_000)),
        json!(null),
        json!(12_345_678),
        json!(["12345678"]),
        json!({}),
    ];
    for password in bad {
        let reply = shop
            .visitor()
            .post(PATH, &form(Person::new_email(), password))
            .await;
        reply.refused(400, message, Some("password"));
    }
    let reply = shop
        .visitor()
        .post(PATH, &json!({ "email": Person::new_email() }))
        .await;
    reply.refused(400, message, Some("password"));
    for password in ["12345678".to_owned(), "é".repeat(128)] {
        shop.visitor()
            .post(PATH, &form(Person::new_email(), password))
            .await
            .is(201);
    }
}

async fn both_fields_are_named_when_both_are_bad(shop: Shop) {
    let reply = shop.visitor().post(PATH, &form("ada", "short")).await;
    reply.refused(400, "Email must be valid", Some("email"));
    reply.refused(
        400,
        "Password must be between 8 and 128 characters",
        Some("password"),
    );
}

async fn an_email_is_taken_once_without_regard_to_case(shop: Shop) {
    let email = Person::new_email();
    shop.visitor()
        .post(PATH, &form(email.as_str(), "correct horse"))
        .await
        .is(201);
    for again in [email.clone(), email.to_uppercase()] {
        let reply = shop
            .visitor()
            .post(PATH, &form(again, "another password"))
            .await;
        reply.is(400);
        assert_eq!(reply.errors()[0]["message"], "Email in use");
        assert!(
            reply.cookies().is_empty(),
            "a session for somebody else's account"
        );
    }
}

async fn of_two_who_sign_up_with_one_email_at_once_one_succeeds(shop: Shop) {
    let body = form(Person::new_email(), "correct horse");
    let (one, other) = (shop.visitor(), shop.visitor());
    let (one, other) = futures::join!(one.post(PATH, &body), other.post(PATH, &body));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400]);
}

async fn the_password_is_never_sent_back(shop: Shop) {
    let password = "a secret to be kept";
    let reply = shop
        .visitor()
        .post(PATH, &form(Person::new_email(), password))
        .await;
    reply.is(201);
    assert!(
        !reply.text().contains(password) && !reply.text().contains("argon2"),
        "{}",
        reply.text()
    );
}
