//! Secrets: kept from everybody who has no need of them, and changed while people shop.
use std::fs;
use std::path::Path;
use std::time::Duration;

use async_nats::jetstream::{self, kv};
use e2e::{Lattice, Operator, Person, Process, Shop, inventories, repository, within};
use futures::TryStreamExt as _;
use serde_json::{Value, json};

use crate::World;

e2e::trials!(
    nothing_secret_is_where_others_look,
    who_may_not_have_a_secret_does_not_start,
    what_starts_without_a_backend_starts_once_there_is_one,
    the_key_of_sessions_changes_and_nobody_is_signed_out,
);

/// A host that starts anew, and wadm that tries again what has failed: it may wait a minute for what it believes to be under way,
/// and do so more than once.
const RECOVERY: Duration = Duration::from_secs(240);
/// Where the backend says who may have what.
const ALLOWED: &str = "SECRETS_nats-kv_state";

async fn nothing_secret_is_where_others_look(world: World) {
    let (lattice, shop) = world.get().await;
    a_ticket_changes_hands(shop).await;
    let secrets = secrets(&lattice.data());
    assert!(secrets.len() > 20, "{}", secrets.len());
    let places = places(lattice).await;
    // What is meant to be seen is seen, so that what is not found is not there.
    for (place, seen) in [
        ("KV_CONFIGDATA_default", "SESSION_PUBLIC_KEYS"),
        ("KV_CONFIGDATA_default", "session-private-key"),
        ("KV_wadm_manifests", "stripe-secret-key"),
        ("host-1.log", "sqldb-postgres"),
        ("a command line", "stripe-double"),
    ] {
        let found = places
            .iter()
            .any(|(name, bytes)| name.contains(place) && holds(bytes, seen));
        assert!(found, "{place} shows no {seen}");
    }
    for (place, bytes) in &places {
        for (name, value) in &secrets {
            assert!(!holds(bytes, value), "{place} shows {name}");
        }
    }
}

async fn who_may_not_have_a_secret_does_not_start(world: World) {
    let (lattice, _) = world.get().await;
    let allowed = allowed(lattice).await;
    let (payments, keys) = who_may_have("stripe-secret-key", &allowed).await;
    allowed.delete(&payments).await.expect("taken away");
    let log = lattice.data().join("logs/host-1.log");
    let begin = fs::read_to_string(&log).expect("a log").len();
    host(lattice).kill();

    within(RECOVERY, "the host to be refused", async || {
        let text = fs::read_to_string(&log).ok()?;
        let refused = text[begin..]
            .lines()
            .any(|line| line.contains("failed to scale component") && line.contains("payments"));
        refused.then_some(())
    })
    .await;
    // Everybody else has what they need.
    let others = ["auth", "client", "expiration", "orders", "tickets"];
    within(RECOVERY, "the others to start", async || {
        let all = inventories(&lattice.endpoints().nats).await.ok()?;
        let host = all.first()?;
        assert!(!host.components.contains("payments"), "{host:?}");
        let providers = ["outbox-relay", "sqldb-postgres"];
        let all_there = others.iter().all(|name| host.components.contains(*name))
            && providers.iter().all(|name| host.providers.contains(*name));
        all_there.then_some(())
    })
    .await;

    let put = allowed.put(&payments, keys.into()).await;
    put.expect("given back");
    works(lattice, "with the secret").await;
}

async fn what_starts_without_a_backend_starts_once_there_is_one(world: World) {
    let (lattice, shop) = world.get().await;
    let backend = child(lattice, "secrets --nats-url");
    // It hears and does not answer, so hosts ask in vain.
    backend.pause();
    let log = lattice.data().join("logs/host-1.log");
    let begin = fs::read_to_string(&log).expect("a log").len();
    host(lattice).kill();
    within(RECOVERY, "the host to ask in vain", async || {
        let text = fs::read_to_string(&log).ok()?;
        text[begin..]
            .contains("Unable to fetch requested secrets")
            .then_some(())
    })
    .await;
    backend.kill();
    works(lattice, "with a new backend").await;
    a_ticket_changes_hands(shop).await;
}

async fn the_key_of_sessions_changes_and_nobody_is_signed_out(world: World) {
    let (lattice, shop) = world.get().await;
    let configure = configure(lattice);
    let data = lattice.data();
    let data = data.to_str().expect("a plain path");
    let step = async |step: &str| {
        configure.does(&["keys", step, "--data-dir", data]).await;
        configure.does(&["configure", "--data-dir", data]).await;
        lattice.roll().await.expect("the host starts anew");
        works(lattice, step).await;
    };
    let ada = shop.person().await;
    step("announce").await;
    assert!(is_signed_in(&ada).await, "after the announcement");
    let signed_before = shop.keys();
    step("switch").await;
    assert!(is_signed_in(&ada).await, "after the switch");
    let bea = shop.person().await;
    assert!(is_signed_in(&bea).await, "with the new key");

    step("retire").await;
    assert!(is_signed_in(&bea).await, "with the key that is left");
    // Nobody is taken for signed in by the old key alone,
    let forged = signed_before.sign(&e2e::claims(&token(&bea)));
    let forger = shop.visitor();
    let request = forger.request(reqwest::Method::GET, WHO);
    let request = request.header("cookie", format!("session={forged}"));
    let reply = forger.ask(request).await;
    assert_eq!(reply.is(200)["currentUser"], Value::Null);
    assert!(!is_signed_in(&ada).await, "a token that nobody accepts");
    // and who was goes on without a password.
    ada.post("/api/users/refresh", &json!({})).await.is(200);
    assert!(is_signed_in(&ada).await, "after a refresh");
}

const WHO: &str = "/api/users/currentuser";

async fn is_signed_in(person: &Person) -> bool {
    person.get(WHO).await.is(200)["currentUser"]["id"] == person.id
}

fn token(person: &Person) -> String {
    let jar = person.jar();
    jar.value("session").expect("a session").to_owned()
}

async fn a_ticket_changes_hands(shop: &Shop) {
    let (seller, buyer) = (shop.person().await, shop.person().await);
    let ticket = seller.sells("For whoever pays", 12.0).await;
    let order = buyer.orders(&ticket).await;
    buyer.pays(&order, "pm_card_visa").await;
    buyer.sees_order(&order, "complete").await;
}

/// Waits until every part of the shop works.
async fn works(lattice: &Lattice, when: &str) {
    let url = format!("{}/healthz", lattice.endpoints().http);
    within(RECOVERY, format!("the shop to work {when}"), async || {
        let reply = reqwest::get(&url).await.ok()?;
        reply.status().is_success().then_some(())
    })
    .await;
}

/// An operator with everything that `configure` asks for.
fn configure(lattice: &Lattice) -> Operator {
    let endpoints = lattice.endpoints();
    let secrets: Value = json_of(&lattice.data().join("secrets.json"));
    let key = secrets["stripe_secret_key"].as_str().expect("a key");
    Operator::at(Some(&endpoints.nats))
        .with("TICKETING_ROOT", repository().display().to_string())
        .with(
            "DATABASE_URL",
            endpoints.postgres.clone().expect("Postgres"),
        )
        .with("STRIPE_SECRET_KEY", key)
        .with("STRIPE_WEBHOOK_SECRET", e2e::WEBHOOK_SECRET)
}

fn json_of(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).expect("JSON")
}

/// Every secret of an installation with its name.
fn secrets(data: &Path) -> Vec<(String, String)> {
    let mut all = vec![("the webhook's".to_owned(), e2e::WEBHOOK_SECRET.to_owned())];
    gather("", &json_of(&data.join("secrets.json")), &mut all);
    // Every browser gets the one, every service the other.
    all.retain(|(name, _)| !name.contains("publishable") && !name.contains("public"));
    all
}

fn gather(name: &str, value: &Value, all: &mut Vec<(String, String)>) {
    match value {
        Value::String(secret) if !secret.is_empty() => {
            assert!(secret.len() > 16, "{name} is short");
            all.push((name.to_owned(), secret.clone()));
        }
        Value::Object(fields) => {
            for (field, value) in fields {
                gather(&format!("{name}/{field}"), value, all);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| gather(name, value, all)),
        _ => {}
    }
}

/// What can be read by whoever may talk to NATS, sees the machine's processes, or collects logs.
async fn places(lattice: &Lattice) -> Vec<(String, Vec<u8>)> {
    let mut all = vec![("up's log".to_owned(), lattice.log().into_bytes())];
    for process in Process::all() {
        all.push(("a command line".to_owned(), process.command.into_bytes()));
    }
    for entry in fs::read_dir(lattice.data().join("logs")).expect("logs") {
        let path = entry.expect("a log").path();
        let text = fs::read(&path).expect("a log");
        all.push((path.display().to_string(), text));
    }
    let jetstream = jetstream(lattice).await;
    let names: Vec<String> = jetstream
        .stream_names()
        .try_collect()
        .await
        .expect("streams");
    for name in names {
        let mut stream = jetstream.get_stream(&name).await.expect("a stream");
        let state = stream.info().await.expect("its state").state.clone();
        for number in state.first_sequence..=state.last_sequence {
            // Others delete meanwhile.
            if let Ok(message) = stream.get_raw_message(number).await {
                all.push((name.clone(), message.payload.to_vec()));
            }
        }
    }
    all
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

async fn jetstream(lattice: &Lattice) -> jetstream::Context {
    let client = async_nats::connect(&lattice.endpoints().nats).await;
    jetstream::new(client.expect("NATS answers"))
}

async fn allowed(lattice: &Lattice) -> kv::Store {
    let store = jetstream(lattice).await.get_key_value(ALLOWED).await;
    store.expect("the backend's bucket")
}

/// Whoever may have a secret, and all that they may have.
async fn who_may_have(secret: &str, allowed: &kv::Store) -> (String, Vec<u8>) {
    let identities: Vec<String> = allowed
        .keys()
        .await
        .expect("a list")
        .try_collect()
        .await
        .expect("identities");
    let mut found = Vec::new();
    for identity in identities {
        let keys = allowed.get(&identity).await.expect("an answer");
        let keys = keys.expect("a value").to_vec();
        if holds(&keys, &format!("\"{secret}\"")) {
            found.push((identity, keys));
        }
    }
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// A child of `up` by a part of its command line.
fn child(lattice: &Lattice, command: &str) -> Process {
    let pid = lattice.pid().expect("up runs");
    let children = Process::children(pid);
    let found = children
        .iter()
        .find(|child| child.command.contains(command));
    found
        .unwrap_or_else(|| panic!("no {command} in {children:#?}"))
        .clone()
}

fn host(lattice: &Lattice) -> Process {
    child(lattice, "wasmcloud_host")
}
