//! The prices that a ticket may have: money at its edges.
use e2e::Shop;
use reqwest::Method;
use serde_json::json;

crate::trials!(
    a_price_is_a_number_or_a_decimal_string,
    cents_are_exact,
    anything_else_is_no_price,
    a_number_that_json_does_not_have_is_no_price,
    a_missing_price_is_refused,
    both_fields_are_named_when_both_are_bad,
);

/// The price as it stands in the body, and what it is worth.
const GOOD: [(&str, f64); 14] = [
    ("0.01", 0.01),
    ("0.1", 0.1),
    ("1", 1.0),
    ("1.0", 1.0),
    ("1.10", 1.1),
    ("12.5", 12.5),
    ("19.99", 19.99),
    ("999999.99", 999_999.99),
    ("999999", 999_999.0),
    (r#""12.50""#, 12.5),
    (r#""0.01""#, 0.01),
    (r#""999999.99""#, 999_999.99),
    (r#""7""#, 7.0),
    (r#""7.5""#, 7.5),
];

const BAD: [&str; 41] = [
    "0",
    "0.0",
    "-0",
    "-1",
    "-0.01",
    "0.001",
    "0.009",
    "1.234",
    "19.999",
    "1.001",
    "999999.991",
    "1000000",
    "999999.995",
    "1e6",
    "1e21",
    "1e300",
    "-1e300",
    "1e-3",
    "99999999999999999999",
    "9223372036854775807",
    "18446744073709551615",
    "null",
    "true",
    "[]",
    "[1]",
    "{}",
    r#""""#,
    r#"" ""#,
    r#"" 12.50""#,
    r#""12.50 ""#,
    r#""1 2""#,
    r#""-5""#,
    r#""1.234""#,
    r#""1e3""#,
    r#""1,50""#,
    r#""NaN""#,
    r#""Infinity""#,
    r#""0x10""#,
    r#""\u0661""#,
    r#""1000000""#,
    r#""99999999999999999999999999""#,
];

fn body(price: &str) -> String {
    format!(r#"{{"title":"Priced","price":{price}}}"#)
}

async fn a_price_is_a_number_or_a_decimal_string(shop: Shop) {
    let ada = shop.person().await;
    for (price, worth) in GOOD {
        let request = ada
            .request(Method::POST, "/api/tickets")
            .header("content-type", "application/json");
        let ticket = ada.ask(request.body(body(price))).await.is(201);
        assert_eq!(ticket["price"].as_f64(), Some(worth), "{price}: {ticket}");
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
        assert_eq!(
            ada.get(&path).await.is(200)["price"].as_f64(),
            Some(worth),
            "{price}"
        );
    }
}

async fn cents_are_exact(shop: Shop) {
    let ada = shop.person().await;
    // Amounts that a binary fraction times a hundred gets wrong when it is cut off.
    for price in [
        "0.07",
        "0.29",
        "1.15",
        "4.35",
        "8.41",
        "64.1",
        "1025.12",
        "262144.37",
        "999999.98",
    ] {
        let request = ada
            .request(Method::POST, "/api/tickets")
            .header("content-type", "application/json");
        let reply = ada.ask(request.body(body(price))).await;
        reply.is(201);
        assert!(
            reply.text().contains(&format!(r#""price":{price}"#)),
            "{price}: {}",
            reply.text()
        );
    }
}

async fn anything_else_is_no_price(shop: Shop) {
    let ada = shop.person().await;
    let ticket = ada.sells("Keeps its price", 1.0).await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
    for price in BAD {
        for (method, path) in [(Method::POST, "/api/tickets"), (Method::PUT, path.as_str())] {
            let request = ada
                .request(method, path)
                .header("content-type", "application/json");
            let reply = ada.ask(request.body(body(price))).await;
            reply.refused(400, "Price must be greater than 0", Some("price"));
        }
    }
    assert_eq!(ada.get(&path).await.is(200)["version"], ticket["version"]);
}

async fn a_number_that_json_does_not_have_is_no_price(shop: Shop) {
    let ada = shop.person().await;
    for price in [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "01",
        "+1",
        ".5",
        "1.",
        "0x10",
        "1_000",
        "'1'",
        "",
    ] {
        let request = ada
            .request(Method::POST, "/api/tickets")
            .header("content-type", "application/json");
        ada.ask(request.body(body(price)))
            .await
            .refused_with(&[400]);
    }
}

async fn a_missing_price_is_refused(shop: Shop) {
    let ada = shop.person().await;
    let reply = ada
        .post("/api/tickets", &json!({ "title": "For nothing" }))
        .await;
    reply.refused(400, "Price must be greater than 0", Some("price"));
}

async fn both_fields_are_named_when_both_are_bad(shop: Shop) {
    let ada = shop.person().await;
    let reply = ada.post("/api/tickets", &json!({})).await;
    reply.refused(400, "Title is required", Some("title"));
    reply.refused(400, "Price must be greater than 0", Some("price"));
}
