//! A write that is asked for again under its `Idempotency-Key` is the same write: nothing happens twice, and
//! the answer is the same.
use e2e::{Person, Reply, Shop, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

crate::trials!(
    signing_up_twice_is_one_account,
    selling_twice_is_one_ticket,
    editing_twice_is_one_edit_also_after_a_reservation,
    deleting_twice_is_no_error_under_the_same_key_alone,
    ordering_twice_is_one_order_whatever_became_of_it,
    ordering_twice_at_once_is_one_order,
    paying_twice_is_one_charge_and_one_answer,
    a_key_is_its_owners,
    one_key_for_two_things_is_two_writes,
);

async fn asks(person: &Person, method: Method, path: &str, key: &str, body: &Value) -> Reply {
    let request = person
        .request(method, path)
        .header("idempotency-key", key)
        .json(body);
    person.ask(request).await
}

/// Asks until the service has heard of what the request is about.
async fn asks_until_known(person: &Person, path: &str, key: &str, body: &Value) -> Reply {
    eventually(format!("{body} to be known"), async || {
        let reply = asks(person, Method::POST, path, key, body).await;
        (reply.status != 404).then_some(reply)
    })
    .await
}

fn new_key() -> String {
    Uuid::new_v4().to_string()
}

fn path(collection: &str, thing: &Value) -> String {
    format!(
        "/api/{collection}/{}",
        thing["id"].as_str().unwrap_or_default()
    )
}

async fn signing_up_twice_is_one_account(shop: Shop) {
    let (visitor, key) = (shop.visitor(), new_key());
    let form = json!({ "email": Person::new_email(), "password": "correct horse battery" });
    let first = asks(&visitor, Method::POST, "/api/users/signup", &key, &form).await;
    let again = asks(&visitor, Method::POST, "/api/users/signup", &key, &form).await;
    assert_eq!(again.is(201), first.is(201));
    let current = visitor.get("/api/users/currentuser").await.is(200);
    assert_eq!(current["currentUser"]["email"], form["email"]);

    let other = json!({ "email": form["email"], "password": "another password" });
    let reply = asks(
        &shop.visitor(),
        Method::POST,
        "/api/users/signup",
        &key,
        &other,
    )
    .await;
    reply.is(400);
}

async fn selling_twice_is_one_ticket(shop: Shop) {
    let (ada, key) = (shop.person().await, new_key());
    let draft = json!({ "title": "Front row", "price": 49.5 });
    let first = asks(&ada, Method::POST, "/api/tickets", &key, &draft).await;
    let again = asks(&ada, Method::POST, "/api/tickets", &key, &draft).await;
    assert_eq!(again.is(201), first.is(201));
    let other = asks(&ada, Method::POST, "/api/tickets", &new_key(), &draft).await;
    assert_ne!(other.is(201)["id"], first.json()["id"]);
}

async fn editing_twice_is_one_edit_also_after_a_reservation(shop: Shop) {
    let (ada, ben, key) = (shop.person().await, shop.person().await, new_key());
    let ticket = ada.sells("Front row", 49.5).await;
    let draft = json!({ "title": "Second row", "price": 40 });
    let first = asks(&ada, Method::PUT, &path("tickets", &ticket), &key, &draft).await;
    let again = asks(&ada, Method::PUT, &path("tickets", &ticket), &key, &draft).await;
    assert_eq!(again.is(200), first.is(200));

    ben.orders(&ticket).await;
    ada.sees_reserved(&ticket).await;
    let later = asks(&ada, Method::PUT, &path("tickets", &ticket), &key, &draft).await;
    assert_eq!(later.is(200)["title"], "Second row");
    let edit = asks(
        &ada,
        Method::PUT,
        &path("tickets", &ticket),
        &new_key(),
        &draft,
    )
    .await;
    edit.is(400);
}

async fn deleting_twice_is_no_error_under_the_same_key_alone(shop: Shop) {
    let (ada, eve, key) = (shop.person().await, shop.person().await, new_key());
    let ticket = ada.sells("Front row", 49.5).await;
    for _ in 0..2 {
        let reply = asks(
            &ada,
            Method::DELETE,
            &path("tickets", &ticket),
            &key,
            &json!({}),
        )
        .await;
        assert_eq!(reply.status, 204);
    }
    for (person, key) in [(&ada, new_key()), (&eve, key)] {
        let reply = asks(
            person,
            Method::DELETE,
            &path("tickets", &ticket),
            &key,
            &json!({}),
        )
        .await;
        reply.is(404);
    }
}

async fn ordering_twice_is_one_order_whatever_became_of_it(shop: Shop) {
    let (ada, ben, key) = (shop.person().await, shop.person().await, new_key());
    let ticket = ada.sells("Front row", 49.5).await;
    let wish = json!({ "ticketId": ticket["id"] });
    let first = asks_until_known(&ben, "/api/orders", &key, &wish)
        .await
        .is(201);
    let again = asks(&ben, Method::POST, "/api/orders", &key, &wish)
        .await
        .is(201);
    assert_eq!(again, first);

    assert_eq!(ben.delete(&path("orders", &first)).await.status, 204);
    let later = asks(&ben, Method::POST, "/api/orders", &key, &wish)
        .await
        .is(201);
    assert_eq!(
        (&later["id"], &later["status"]),
        (&first["id"], &json!("cancelled"))
    );
}

async fn ordering_twice_at_once_is_one_order(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    for _ in 0..5 {
        let ticket = ada.sells("Front row", 49.5).await;
        let (wish, key) = (json!({ "ticketId": ticket["id"] }), new_key());
        let ask = || asks_until_known(&ben, "/api/orders", &key, &wish);
        let (first, second) = tokio::join!(ask(), ask());
        assert_eq!(first.is(201)["id"], second.is(201)["id"]);
    }
}

async fn paying_twice_is_one_charge_and_one_answer(shop: Shop) {
    let (ada, ben, key) = (shop.person().await, shop.person().await, new_key());
    let ticket = ada.sells("Front row", 49.5).await;
    let order = ben.orders(&ticket).await;
    let form = json!({ "orderId": order["id"], "token": "pm_card_visa" });
    let first = asks_until_known(&ben, "/api/payments", &key, &form).await;
    let again = asks(&ben, Method::POST, "/api/payments", &key, &form).await;
    assert_eq!(again.is(201), first.is(201));
    let other = asks(&ben, Method::POST, "/api/payments", &new_key(), &form).await;
    other.is(400);
    ben.sees_order(&order, "complete").await;
}

async fn a_key_is_its_owners(shop: Shop) {
    let (ada, ben, key) = (shop.person().await, shop.person().await, new_key());
    let draft = json!({ "title": "Front row", "price": 49.5 });
    let adas = asks(&ada, Method::POST, "/api/tickets", &key, &draft)
        .await
        .is(201);
    let bens = asks(&ben, Method::POST, "/api/tickets", &key, &draft)
        .await
        .is(201);
    assert_ne!(adas["id"], bens["id"]);
    assert_eq!(bens["userId"], ben.id);
}

async fn one_key_for_two_things_is_two_writes(shop: Shop) {
    let (ada, key) = (shop.person().await, new_key());
    let draft = json!({ "title": "Front row", "price": 49.5 });
    let ticket = asks(&ada, Method::POST, "/api/tickets", &key, &draft)
        .await
        .is(201);
    let wish = json!({ "ticketId": ticket["id"] });
    let order = asks_until_known(&ada, "/api/orders", &key, &wish)
        .await
        .is(201);
    assert_ne!(ticket["id"], order["id"]);
}
