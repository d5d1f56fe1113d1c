//! Buckets against a real NATS server.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod support;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream;
use bytes::Bytes;
use provider_keyvalue_nats::{Bucket, BucketSettings, JetStream, KeyValueError, Links, Settings};
use provider_kit::LinkKey;
use support::Nats;

fn settings(ttl_seconds: u64) -> BucketSettings {
    BucketSettings {
        ttl: (ttl_seconds > 0).then(|| Duration::from_secs(ttl_seconds)),
        replicas: 1,
    }
}

async fn bucket(nats: &Nats) -> Bucket {
    Bucket::new(nats.jetstream().await, "things", settings(0))
}

fn value(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

async fn wait_until(condition: impl AsyncFn() -> bool) {
    let poll = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), poll)
        .await
        .expect("the condition came true in time");
}

#[tokio::test]
async fn any_text_is_a_key_and_has_a_value_until_it_is_deleted() {
    let nats = Nats::start();
    let bucket = bucket(&nats).await;
    for key in [
        "",
        "plain",
        "a.b",
        "..",
        "*",
        ">",
        "=41",
        "me@home: 7 🎫",
        "\n",
    ] {
        assert_eq!(bucket.get(key).await, Ok(None), "{key:?}");
        assert_eq!(bucket.set(key, value("1")).await, Ok(()), "{key:?}");
        assert_eq!(bucket.set(key, value(key)).await, Ok(()), "{key:?}");
        assert_eq!(bucket.get(key).await, Ok(Some(value(key))), "{key:?}");
    }
    assert_eq!(bucket.delete("a.b").await, Ok(()));
    assert_eq!(bucket.delete("never there").await, Ok(()));
    assert_eq!(bucket.exists("a.b").await, Ok(false));
    assert_eq!(bucket.exists("..").await, Ok(true));
}

#[tokio::test]
async fn deleted_keys_leave_nothing_behind() {
    let nats = Nats::start();
    let bucket = bucket(&nats).await;
    for key in ["a", "b"] {
        bucket.set(key, value("1")).await.expect("set");
        bucket.delete(key).await.expect("deleted");
    }
    let context = jetstream::new(nats.client().await);
    let stream = context.get_stream("KV_things").await.expect("a stream");
    assert_eq!(stream.cached_info().state.messages, 0);
}

#[tokio::test]
async fn increments_of_several_replicas_all_count() {
    const EACH: u64 = 40;
    let nats = Nats::start();
    let mut tasks = tokio::task::JoinSet::new();
    for _replica in 0..3 {
        let bucket = Arc::new(bucket(&nats).await);
        for _ in 0..EACH {
            let bucket = bucket.clone();
            tasks.spawn(async move { bucket.increment("count", 2).await });
        }
    }
    let mut sums = BTreeSet::new();
    while let Some(sum) = tasks.join_next().await {
        sums.insert(sum.expect("finished").expect("incremented"));
    }
    let expected: BTreeSet<u64> = (1..=3 * EACH).map(|n| n * 2).collect();
    assert_eq!(sums, expected);
    let bucket = bucket(&nats).await;
    assert_eq!(bucket.get("count").await, Ok(Some(value("240"))));
}

#[tokio::test]
async fn only_numbers_can_be_incremented_and_only_up_to_64_bits() {
    let nats = Nats::start();
    let bucket = bucket(&nats).await;
    bucket.set("text", value("abc")).await.expect("set");
    assert!(matches!(
        bucket.increment("text", 1).await,
        Err(KeyValueError::NotANumber { .. })
    ));
    assert_eq!(bucket.increment("large", u64::MAX).await, Ok(u64::MAX));
    assert!(matches!(
        bucket.increment("large", 1).await,
        Err(KeyValueError::Overflow { .. })
    ));
    bucket.delete("large").await.expect("deleted");
    assert_eq!(bucket.increment("large", 5).await, Ok(5));
}

#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let nats = Nats::start();
    let bucket = bucket(&nats).await;
    assert_eq!(bucket.keys(None).await.map(|page| page.cursor), Ok(None));
    let pairs = (0..2300).map(|n| (format!("key {n}"), value("x")));
    bucket.set_many(pairs.collect()).await.expect("set");
    bucket.delete("key 7").await.expect("deleted");

    let mut pages = Vec::new();
    let mut cursor = None;
    loop {
        let page = bucket.keys(cursor).await.expect("a page");
        cursor = page.cursor;
        pages.push(page.keys);
        if cursor.is_none() {
            break;
        }
    }
    let sizes: Vec<usize> = pages.iter().map(Vec::len).collect();
    assert_eq!(sizes, [1000, 1000, 299]);
    let all: BTreeSet<String> = pages.into_iter().flatten().collect();
    assert_eq!(all.len(), 2299);
    assert!(!all.contains("key 7"));
}

#[tokio::test]
async fn batches_keep_the_order_of_the_keys() {
    let nats = Nats::start();
    let bucket = bucket(&nats).await;
    let keys = |range: std::ops::Range<u32>| range.map(|n| n.to_string()).collect::<Vec<_>>();
    let pairs = keys(0..100)
        .into_iter()
        .map(|key| (key.clone(), value(&key)));
    bucket.set_many(pairs.collect()).await.expect("set");
    bucket.delete_many(keys(10..20)).await.expect("deleted");
    let found = bucket.get_many(keys(5..25)).await.expect("read");
    let expected: Vec<_> = (5..25)
        .map(|n: u32| n.to_string())
        .map(|key| {
            (!(10..20).contains(&key.parse().unwrap_or(0))).then(|| (key.clone(), value(&key)))
        })
        .collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn values_live_as_long_as_the_bucket_says_also_one_that_was_there_before() {
    let nats = Nats::start();
    let jetstream = nats.jetstream().await;
    let for_ever = Bucket::new(jetstream.clone(), "things", settings(0));
    for_ever.set("old", value("1")).await.expect("set");
    let short = Bucket::new(jetstream, "things", settings(1));
    short.set("new", value("1")).await.expect("set");

    let context = jetstream::new(nats.client().await);
    let stream = context.get_stream("KV_things").await.expect("a stream");
    let config = &stream.cached_info().config;
    assert_eq!(config.max_age, Duration::from_secs(1));
    assert_eq!(config.max_messages_per_subject, 1);
    assert_eq!(config.storage, jetstream::stream::StorageType::File);
    wait_until(async || {
        short.get_many(vec!["old".into(), "new".into()]).await == Ok(vec![None, None])
    })
    .await;
}

#[tokio::test]
async fn what_other_clients_delete_is_gone_here_too() {
    let nats = Nats::start();
    let bucket = bucket(&nats).await;
    bucket.increment("count", 7).await.expect("incremented");
    bucket.set("kept", value("1")).await.expect("set");
    let context = jetstream::new(nats.client().await);
    let other = context.get_key_value("things").await.expect("a bucket");
    assert_eq!(other.get("kept").await.expect("read"), Some(value("1")));
    other.delete("count").await.expect("deleted");
    other.put("not.ours", value("1")).await.expect("put");

    assert_eq!(bucket.get("count").await, Ok(None));
    assert_eq!(
        bucket.keys(None).await.map(|page| page.keys),
        Ok(vec!["kept".into()])
    );
    assert_eq!(bucket.increment("count", 1).await, Ok(1));
}

#[tokio::test]
async fn a_bucket_that_vanishes_is_created_again() {
    let nats = Nats::start();
    let bucket = bucket(&nats).await;
    let context = jetstream::new(nats.client().await);
    let vanish = async || {
        bucket.set("a", value("1")).await.expect("set");
        context.delete_stream("KV_things").await.expect("deleted");
    };
    vanish().await;
    assert_eq!(bucket.get("a").await, Ok(None));
    vanish().await;
    assert_eq!(bucket.set("a", value("2")).await, Ok(()));
    assert_eq!(bucket.get("a").await, Ok(Some(value("2"))));
    vanish().await;
    assert_eq!(bucket.delete("a").await, Ok(()));
    vanish().await;
    // Of a key of its own: a stream that is created again at once may find what the server has not yet deleted of the old one.
    assert_eq!(bucket.increment("n", 1).await, Ok(1));
}

#[tokio::test]
async fn an_outage_is_told_at_once_and_over_when_the_server_is_back() {
    let mut nats = Nats::start();
    let jetstream = nats.jetstream().await;
    let bucket = Bucket::new(jetstream.clone(), "things", settings(0));
    bucket.set("a", value("1")).await.expect("set");
    nats.stop();
    wait_until(async || jetstream.check().await.is_err()).await;
    let begun = std::time::Instant::now();
    for outcome in [
        bucket.get("a").await.map(drop),
        bucket.set("a", value("2")).await,
        bucket.delete("a").await,
        bucket.increment("n", 1).await.map(drop),
        bucket.keys(None).await.map(drop),
    ] {
        let error = outcome.expect_err("an outage");
        assert!(
            matches!(error, KeyValueError::Unavailable { .. }),
            "{error}"
        );
        assert!(error.to_string().contains("NATS server"), "{error}");
    }
    assert!(begun.elapsed() < Duration::from_secs(1));

    nats.start_again();
    wait_until(async || bucket.get("a").await == Ok(Some(value("1")))).await;
    assert_eq!(jetstream.check().await, Ok(()));
}

#[tokio::test]
async fn a_server_without_jetstream_is_named_as_the_cause() {
    let nats = Nats::start_without_jetstream();
    let jetstream = nats.jetstream().await;
    let reason = jetstream.check().await.expect_err("no JetStream");
    assert!(reason.contains("JetStream"), "{reason}");
    let bucket = Bucket::new(jetstream, "things", settings(0));
    let error = bucket.set("a", value("1")).await.expect_err("no JetStream");
    assert!(error.to_string().contains("JetStream"), "{error}");
}

#[tokio::test]
async fn keys_and_values_that_are_too_large_are_refused() {
    let nats = Nats::start();
    let bucket = bucket(&nats).await;
    let key = ".".repeat(1000);
    assert!(matches!(
        bucket.set(&key, value("1")).await,
        Err(KeyValueError::KeyTooLong { length: 3000, .. })
    ));
    let large = Bytes::from(vec![0; 2_000_000]);
    assert!(matches!(
        bucket.set("a", large).await,
        Err(KeyValueError::ValueTooLarge {
            size: 2_000_000,
            ..
        })
    ));
    let long = "k".repeat(2048);
    assert_eq!(bucket.set(&long, value("1")).await, Ok(()));
    assert_eq!(bucket.get(&long).await, Ok(Some(value("1"))));
}

fn link(links: &Links, jetstream: &JetStream, name: &str, buckets: &str) -> bool {
    let config = HashMap::from([("buckets".to_owned(), buckets.to_owned())]);
    let key = LinkKey::new("auth", name);
    links
        .put(key, jetstream, Settings::of_link(&config))
        .is_ok()
}

#[tokio::test]
async fn a_component_opens_the_buckets_of_its_link_and_no_others() {
    let nats = Nats::start();
    let jetstream = nats.jetstream().await;
    let links = Links::default();
    assert!(link(&links, &jetstream, "default", "throttle:900"));
    assert!(link(&links, &jetstream, "tokens", "refresh:0"));
    let bucket = |name, bucket| links.bucket(&LinkKey::new("auth", name), bucket).map(drop);
    assert_eq!(bucket("default", "throttle"), Ok(()));
    assert_eq!(bucket("tokens", "refresh"), Ok(()));
    assert_eq!(
        bucket("default", "refresh"),
        Err(KeyValueError::NoSuchStore)
    );
    assert!(matches!(
        bucket("other", "refresh"),
        Err(KeyValueError::NoLink(_))
    ));
    assert!(links.health(Some(&jetstream)).await.healthy);

    links.remove(&LinkKey::new("auth", "default"));
    assert!(matches!(
        bucket("default", "throttle"),
        Err(KeyValueError::NoLink(_))
    ));
}

#[tokio::test]
async fn the_health_names_malformed_links_and_a_missing_jetstream() {
    let mut nats = Nats::start();
    let jetstream = nats.jetstream().await;
    let links = Links::default();
    assert!(!link(&links, &jetstream, "default", "throttle"));
    let message = async || {
        links
            .health(Some(&jetstream))
            .await
            .message
            .unwrap_or_default()
    };
    assert!(
        message()
            .await
            .contains("link auth/default: malformed link config")
    );
    assert!(link(&links, &jetstream, "default", "throttle:900"));
    assert_eq!(message().await, "");
    nats.stop();
    wait_until(async || {
        message()
            .await
            .contains("jetstream: the NATS server cannot be reached")
    })
    .await;
    nats.start_again();
    wait_until(async || links.health(Some(&jetstream)).await.healthy).await;
}
