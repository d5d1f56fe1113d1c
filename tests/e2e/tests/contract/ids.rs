//! Ids that are none: simply not found.
use e2e::Shop;
use serde_json::json;

crate::trials!(
    an_id_that_is_no_uuid_is_not_found,
    an_order_for_an_id_that_is_no_uuid_is_not_found,
    a_uuid_in_another_spelling_is_no_server_error,
    a_trailing_slash_or_a_longer_path_is_no_server_error,
);

const ODD: [&str; 19] = [
    "1",
    "abc",
    "-1",
    "null",
    "undefined",
    "%00",
    "%20",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "'",
    "%27%20or%201=1--",
    "7f8b4a3e-35a0-4f4e-8f5e-9d7a5d3b2c1",
    "7f8b4a3e-35a0-4f4e-8f5e-9d7a5d3b2c100",
    "zf8b4a3e-35a0-4f4e-8f5e-9d7a5d3b2c10",
    "%ff%fe",
    "%zz",
    "*",
    "%F0%9F%8E%AB",
    "7f8b4a3e%00-35a0-4f4e-8f5e-9d7a5d3b2c10",
];

async fn an_id_that_is_no_uuid_is_not_found(shop: Shop) {
    let person = shop.person().await;
    let draft = json!({ "title": "A title", "price": 1 });
    let long = "a".repeat(2000);
    for id in ODD.into_iter().chain([long.as_str()]) {
        let (ticket, order) = (format!("/api/tickets/{id}"), format!("/api/orders/{id}"));
        person.get(&ticket).await.refused_with(&[404]);
        person.put(&ticket, &draft).await.refused_with(&[404]);
        person.delete(&ticket).await.refused_with(&[404]);
        person.get(&order).await.refused_with(&[404]);
        person.delete(&order).await.refused_with(&[404]);
    }
}

async fn an_order_for_an_id_that_is_no_uuid_is_not_found(shop: Shop) {
    let person = shop.person().await;
    for id in [
        "1",
        "abc",
        "../tickets",
        "7f8b4a3e-35a0-4f4e-8f5e-9d7a5d3b2c1",
        "' or 1=1",
        "\u{1f3ab}",
        "a\u{0}b",
    ] {
        person
            .post("/api/orders", &json!({ "ticketId": id }))
            .await
            .refused_with(&[404]);
        let payment = json!({ "orderId": id, "token": "pm_card_visa" });
        person
            .post("/api/payments", &payment)
            .await
            .refused_with(&[404]);
    }
}

async fn a_uuid_in_another_spelling_is_no_server_error(shop: Shop) {
    let person = shop.person().await;
    let ticket = person.sells("Spelled", 1.0).await;
    let id = ticket["id"].as_str().unwrap_or_default();
    for spelled in [
        id.to_uppercase(),
        id.replace('-', ""),
        format!("%7B{id}%7D"),
        format!("urn:uuid:{id}"),
    ] {
        let reply = person.get(&format!("/api/tickets/{spelled}")).await;
        assert!(
            matches!(reply.status.as_u16(), 200 | 404),
            "{spelled}: {}",
            reply.status
        );
    }
}

async fn a_trailing_slash_or_a_longer_path_is_no_server_error(shop: Shop) {
    let person = shop.person().await;
    let ticket = person.sells("Slashed", 1.0).await;
    let id = ticket["id"].as_str().unwrap_or_default();
    for path in [
        format!("/api/tickets/{id}/"),
        format!("/api/tickets//{id}"),
        "/api/tickets/".to_owned(),
        "//api//tickets".to_owned(),
        "/api/orders/".to_owned(),
        "/api/users/".to_owned(),
        "/api/users".to_owned(),
    ] {
        let reply = person.get(&path).await;
        assert!(
            matches!(reply.status.as_u16(), 200 | 404 | 405),
            "{path}: {}",
            reply.status
        );
    }
    for path in [
        format!("/api/tickets/{id}/more"),
        "/api/users/signup/more".to_owned(),
        "/api/ticketsandmore".to_owned(),
    ] {
        person.get(&path).await.refused_with(&[404, 405]);
    }
}
