//! The titles that a ticket may have.
use e2e::Shop;
use serde_json::{Value, json};

crate::trials!(
    a_title_has_1_to_200_characters,
    characters_are_counted_not_bytes,
    a_title_of_any_script_comes_back_as_it_was,
    a_title_that_is_missing_blank_too_long_or_no_text_is_refused,
);

async fn a_title_has_1_to_200_characters(shop: Shop) {
    let ada = shop.person().await;
    for title in ["A".to_owned(), "A".repeat(200)] {
        assert_eq!(ada.sells(&title, 1.0).await["title"], title);
    }
}

async fn characters_are_counted_not_bytes(shop: Shop) {
    let ada = shop.person().await;
    let title = "\u{1f3ab}".repeat(200);
    assert_eq!(ada.sells(&title, 1.0).await["title"], title);
}

async fn a_title_of_any_script_comes_back_as_it_was(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    for title in [
        "Ärger im Paradies: Straße 7",
        "コンサート 東京",
        "حفلة موسيقية",
        "e\u{301} is not \u{e9}",
        "\"quotes\", \\backslashes\\, 'n' <b>tags</b> & $1 %s {}",
        "'); drop table tickets; --",
        "a\tb",
        "👩‍👩‍👧‍👦 family ticket",
    ] {
        let ticket = ada.sells(title, 1.0).await;
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
        assert_eq!(ada.get(&path).await.is(200)["title"], title);
        assert_eq!(
            shop.events().event("ticket:created", &ticket["id"]).await["data"]["title"],
            title
        );
        let order = ben.orders(&ticket).await;
        assert_eq!(order["ticket"]["title"], title);
        assert_eq!(ben.get("/api/orders").await.is(200)[0], order);
    }
}

async fn a_title_that_is_missing_blank_too_long_or_no_text_is_refused(shop: Shop) {
    let ada = shop.person().await;
    let ticket = ada.sells("Keeps its title", 1.0).await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap_or_default());
    let mut bad: Vec<Value> = ["", " ", "\t\n", "\u{a0}\u{2003}", "\u{3000}"]
        .map(Value::from)
        .to_vec();
    bad.extend(["A".repeat(201), "\u{1f3ab}".repeat(201), "A".repeat(20_000)].map(Value::from));
    bad.extend([
        json!("nul \u{0} inside"),
        json!(null),
        json!(7),
        json!(true),
        json!(["A"]),
        json!({ "a": 1 }),
    ]);
    for title in bad {
        let draft = json!({ "title": title, "price": 1 });
        ada.post("/api/tickets", &draft)
            .await
            .refused(400, "Title is required", Some("title"));
        ada.put(&path, &draft)
            .await
            .refused(400, "Title is required", Some("title"));
    }
    let draft = json!({ "price": 1 });
    ada.post("/api/tickets", &draft)
        .await
        .refused(400, "Title is required", Some("title"));
    assert_eq!(ada.get(&path).await.is(200)["version"], ticket["version"]);
}
