//! GET /api/tickets: what is on sale, a page at a time.
use std::collections::HashSet;

use e2e::{Person, Reply, Shop, eventually};
use futures::StreamExt as _;
use serde_json::Value;
use uuid::Uuid;

crate::trials!(
    only_what_can_be_bought_now_is_listed,
    the_newest_comes_first,
    a_page_has_50_tickets_by_default_and_100_at_most,
    the_links_lead_through_everything_once,
    what_appears_meanwhile_does_not_disturb_the_pages,
    odd_limits_and_cursors_are_refused_or_ignored,
);

/// Puts `count` tickets with one word of their own in their titles on sale. Gives the word.
async fn on_sale(shop: &Shop, seller: &Person, count: usize) -> String {
    let word = Uuid::new_v4().simple().to_string();
    let numbers = futures::stream::iter(0..count);
    numbers
        .for_each_concurrent(8, async |n| {
            drop(seller.sells(&format!("{word} {n}"), 1.0).await)
        })
        .await;
    shop.see(&format!("/api/tickets?limit=1&q={word}"), |reply| {
        (!reply.json().as_array()?.is_empty()).then_some(())
    })
    .await;
    word
}

fn ids(page: &Value) -> Vec<String> {
    let all = page.as_array().into_iter().flatten();
    all.filter_map(|ticket| ticket["id"].as_str())
        .map(str::to_owned)
        .collect()
}

/// The path of the next page.
fn next(shop: &Shop, reply: &Reply) -> Option<String> {
    let link = reply.header("link");
    let (target, relation) = link.strip_prefix('<')?.split_once('>')?;
    assert_eq!(relation, "; rel=\"next\"", "{link}");
    Some(
        target
            .strip_prefix(shop.origin())
            .unwrap_or(target)
            .to_owned(),
    )
}

/// The ids on all pages from `first` on, page by page.
async fn pages(shop: &Shop, first: &str) -> Vec<Vec<String>> {
    let (visitor, mut path, mut pages) = (shop.visitor(), Some(first.to_owned()), Vec::new());
    while let Some(here) = path {
        assert!(pages.len() < 1000, "the links lead in circles");
        let reply = visitor.get(&here).await;
        pages.push(ids(&reply.is(200)));
        path = next(shop, &reply);
    }
    pages
}

async fn only_what_can_be_bought_now_is_listed(shop: Shop) {
    let (ada, ben) = (shop.person().await, shop.person().await);
    let word = on_sale(&shop, &ada, 1).await;
    let path = format!("/api/tickets?q={word}");
    let listed = shop.visitor().get(&path).await.is(200);
    let ticket = &listed[0];
    assert_eq!(ticket["userId"], ada.id);
    let count = |wanted: usize| {
        let (shop, path) = (shop.clone(), path.clone());
        async move {
            shop.see(&path, |reply| {
                (ids(&reply.json()).len() == wanted).then_some(())
            })
            .await
        }
    };
    let order = ben.orders(ticket).await;
    count(0).await;
    ben.delete(&format!(
        "/api/orders/{}",
        order["id"].as_str().unwrap_or_default()
    ))
    .await
    .is(204);
    count(1).await;
    ada.sees_free(ticket).await;
    ada.delete(&format!(
        "/api/tickets/{}",
        ticket["id"].as_str().unwrap_or_default()
    ))
    .await
    .is(204);
    count(0).await;
}

async fn the_newest_comes_first(shop: Shop) {
    let (ada, word) = (shop.person().await, Uuid::new_v4().simple().to_string());
    let mut newest_first = Vec::new();
    for n in 0..5 {
        newest_first.insert(
            0,
            ada.sells(&format!("{word} {n}"), 1.0).await["id"].clone(),
        );
    }
    let newest_first: Vec<&str> = newest_first.iter().filter_map(Value::as_str).collect();
    shop.see(&format!("/api/tickets?q={word}"), |reply| {
        (ids(&reply.json()) == newest_first).then_some(())
    })
    .await;
}

async fn a_page_has_50_tickets_by_default_and_100_at_most(shop: Shop) {
    let ada = shop.person().await;
    let word = on_sale(&shop, &ada, 105).await;
    let length = |query: &str| {
        let (visitor, path) = (shop.visitor(), format!("/api/tickets?q={word}{query}"));
        async move { ids(&visitor.get(&path).await.is(200)).len() }
    };
    eventually("all 105 to be listed", async || {
        (pages(&shop, &format!("/api/tickets?limit=100&q={word}"))
            .await
            .concat()
            .len()
            == 105)
            .then_some(())
    })
    .await;
    assert_eq!(length("").await, 50);
    assert_eq!(length("&limit=1").await, 1);
    assert_eq!(length("&limit=100").await, 100);
    assert_eq!(length("&limit=1000").await, 100);
}

async fn the_links_lead_through_everything_once(shop: Shop) {
    let ada = shop.person().await;
    let word = on_sale(&shop, &ada, 23).await;
    for limit in [1, 5, 22, 23, 24] {
        let first = format!("/api/tickets?limit={limit}&q={word}");
        let pages = eventually("all 23 to be listed", async || {
            let pages = pages(&shop, &first).await;
            (pages.concat().len() == 23).then_some(pages)
        })
        .await;
        let (last, full) = pages.split_last().expect("a page");
        assert!(
            full.iter().all(|page| page.len() == limit),
            "a page before the last is short"
        );
        assert!(!last.is_empty(), "a link to an empty page at {limit}");
        assert_eq!(
            pages.concat().into_iter().collect::<HashSet<_>>().len(),
            23,
            "twice on the pages"
        );
    }
}

async fn what_appears_meanwhile_does_not_disturb_the_pages(shop: Shop) {
    let ada = shop.person().await;
    let word = on_sale(&shop, &ada, 10).await;
    let path = format!("/api/tickets?limit=5&q={word}");
    eventually("all 10 to be listed", async || {
        (pages(&shop, &path).await.concat().len() == 10).then_some(())
    })
    .await;
    let first = shop.visitor().get(&path).await;
    let second = next(&shop, &first).expect("a second page");
    for n in 10..13 {
        ada.sells(&format!("{word} {n}"), 1.0).await;
    }
    let seen: HashSet<_> = ids(&first.is(200)).into_iter().collect();
    let later = ids(&shop.visitor().get(&second).await.is(200));
    assert_eq!(later.len(), 5);
    assert!(
        later.iter().all(|id| !seen.contains(id)),
        "a ticket is on two pages"
    );
}

async fn odd_limits_and_cursors_are_refused_or_ignored(shop: Shop) {
    for query in [
        "limit=0",
        "limit=-1",
        "limit=abc",
        "limit=1.5",
        "limit=",
        "limit=99999999999999999999",
        "limit=%00",
        "limit=1&limit=2",
        "limit[]=1",
        "cursor=",
        "cursor=x",
        "cursor=%00",
        "cursor=%ff%fe",
        "cursor='--",
        "cursor=AAAAAAAAAAA",
        "cursor=____",
        "unknown=1",
        "&&&",
        "=",
    ] {
        let reply = shop.visitor().get(&format!("/api/tickets?{query}")).await;
        assert!(
            matches!(reply.status.as_u16(), 200 | 400),
            "{query}: {} {}",
            reply.status,
            reply.text()
        );
    }
    let long = format!("/api/tickets?cursor={}", "A".repeat(6000));
    shop.visitor()
        .get(&long)
        .await
        .refused_with(&[400, 414, 431]);
}
