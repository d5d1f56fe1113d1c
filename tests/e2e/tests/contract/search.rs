//! GET /api/tickets?q=…: searching titles.
use e2e::{Person, Shop};
use serde_json::Value;
use uuid::Uuid;

crate::trials!(
    a_search_finds_part_of_a_title_without_case,
    no_character_is_special,
    a_search_that_finds_nothing_gives_an_empty_list,
    any_text_can_be_searched_for,
);

async fn finds(visitor: &Person, q: &str) -> Vec<Value> {
    let request = visitor
        .request(reqwest::Method::GET, "/api/tickets")
        .query(&[("q", q)]);
    let found = visitor.ask(request).await.is(200);
    found
        .as_array()
        .into_iter()
        .flatten()
        .map(|ticket| ticket["title"].clone())
        .collect()
}

async fn a_search_finds_part_of_a_title_without_case(shop: Shop) {
    let (ada, word) = (shop.person().await, Uuid::new_v4().simple().to_string());
    let title = format!("Große Ärzte LIVE {word} in Concert");
    ada.sells(&title, 1.0).await;
    for q in [
        word.clone(),
        word.to_uppercase(),
        format!("live {word} IN con"),
        format!("ärzte live {word}"),
    ] {
        e2e::eventually(format!("{q} to find {title}"), async || {
            (finds(&shop.visitor(), &q).await == [title.as_str()]).then_some(())
        })
        .await;
    }
}

async fn no_character_is_special(shop: Shop) {
    let (ada, word) = (shop.person().await, Uuid::new_v4().simple().to_string());
    let titles = [
        format!("{word} 100% rock"),
        format!("{word} 100 rock"),
        format!("{word} a_b"),
        format!("{word} axb"),
        format!(r"{word} back\slash"),
        format!("{word} 'quoted' \"twice\""),
        format!("{word} [a-z]* (x|y)+ .? ^$ & | ! :*"),
    ];
    for title in &titles {
        ada.sells(title, 1.0).await;
    }
    e2e::eventually("all to be listed", async || {
        (finds(&shop.visitor(), &word).await.len() == titles.len()).then_some(())
    })
    .await;
    for (q, found) in [
        (format!("{word} 100%"), &titles[0..1]),
        (format!("{word} %"), &[]),
        (format!("{word} a_b"), &titles[2..3]),
        (format!("{word} a_"), &titles[2..3]),
        (format!("{word} _"), &[]),
        (format!(r"{word} back\s"), &titles[4..5]),
        (format!(r"{word} \"), &[]),
        (format!(r"{word} back\\s"), &[]),
        (format!("{word} 'q"), &titles[5..6]),
        (
            format!("{word} [a-z]* (x|y)+ .? ^$ & | ! :*"),
            &titles[6..7],
        ),
        (format!("{word} .*"), &[]),
    ] {
        assert_eq!(finds(&shop.visitor(), &q).await, found.to_vec(), "{q}");
    }
}

async fn a_search_that_finds_nothing_gives_an_empty_list(shop: Shop) {
    assert!(
        finds(&shop.visitor(), &Uuid::new_v4().to_string())
            .await
            .is_empty()
    );
}

async fn any_text_can_be_searched_for(shop: Shop) {
    let long = "x".repeat(3000);
    for q in [
        "",
        "%",
        "_",
        "\\",
        "\\\\",
        "'",
        "\"",
        ";--",
        "$1",
        "\u{1f3ab}",
        "\u{202e}",
        "a\tb",
        "+",
        "&",
        "#",
        &long,
    ] {
        let request = shop
            .visitor()
            .request(reqwest::Method::GET, "/api/tickets")
            .query(&[("q", q)]);
        let reply = shop.ask(request).await;
        assert!(
            matches!(reply.status.as_u16(), 200 | 400),
            "{q}: {}",
            reply.text()
        );
    }
    for raw in [
        "q=%00", "q=%ff", "q=%zz", "q=%", "q=a%00b", "q=%c3%28", "q=a&q=b", "q",
    ] {
        let reply = shop.visitor().get(&format!("/api/tickets?{raw}")).await;
        assert!(
            matches!(reply.status.as_u16(), 200 | 400),
            "{raw}: {}",
            reply.text()
        );
    }
}
