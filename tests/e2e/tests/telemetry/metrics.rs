//! Every metric that an alert rule or the dashboard names is there to be read.
use std::collections::BTreeSet;
use std::process::Stdio;

use e2e::{eventually, repository, tool};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::World;
use crate::purchase::Purchase;

e2e::trials!(every_metric_that_the_rules_name_can_be_read);

/// What metrics of ours begin with: those of `ticketing metrics`, and those that the ingress exports.
const PREFIXES: [&str; 2] = ["ticketing_", "http_server_"];
/// Labels by which rules choose and group, of what the ingress exports.
const LABELS: [&str; 2] = ["http_route", "http_response_status_code"];
const FILES: [&str; 2] = ["alerts.yaml", "dashboard.json"];

/// The metrics that a file of `deploy/observability` names.
fn named_in(file: &str) -> BTreeSet<String> {
    let path = repository().join("deploy/observability").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':');
    let ours = words.filter(|word| {
        // With a `_` at its end it is a comment that speaks of all of them.
        PREFIXES.iter().any(|prefix| word.starts_with(prefix)) && !word.ends_with('_')
    });
    ours.map(str::to_owned).collect()
}

/// `ticketing metrics` beside the lattice, and where it can be read.
async fn served(world: &World) -> (Child, String) {
    let (endpoints, data) = world
        .with(async |told| (told.lattice.endpoints().clone(), told.lattice.data()))
        .await;
    let mut server = Command::new(tool())
        .args(["metrics", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data)
        .env("NATS_URL", format!("nats://{}", endpoints.nats))
        .env(
            "DATABASE_URL",
            endpoints.postgres.expect("a Postgres server"),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the tool starts");
    let stdout = server.stdout.take().expect("an output");
    let line = BufReader::new(stdout).lines().next_line().await;
    let line = line.expect("an output").expect("an address");
    let url = line.strip_prefix("metrics: ").expect("an address");
    (server, url.to_owned())
}

/// The metrics that an answer of `ticketing metrics` has a value of.
fn values_in(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let names = lines.filter_map(|line| line.split(['{', ' ']).next());
    names.map(str::to_owned).collect()
}

async fn every_metric_that_the_rules_name_can_be_read(world: World) {
    let (shop, collector) = world.shop().await;
    Purchase::of(&shop).await;
    let named: BTreeSet<String> = FILES.into_iter().flat_map(named_in).collect();
    for prefix in PREFIXES {
        let some = named.iter().any(|name| name.starts_with(prefix));
        assert!(some, "no {prefix}… is named: {named:?}");
    }

    let (_server, url) = served(&world).await;
    let text = reqwest::get(&url).await.expect("an answer").text().await;
    let served = values_in(&text.expect("text"));
    let mut exported = named.clone();
    exported.retain(|name| name.starts_with("http_server_"));
    eventually(
        format!("{exported:?} and {LABELS:?} to be exported"),
        async || {
            let labels = collector.labels();
            let there = exported.is_subset(&collector.metrics())
                && LABELS.iter().all(|label| labels.contains(*label));
            there.then_some(())
        },
    )
    .await;
    let missing: Vec<&String> = named
        .iter()
        .filter(|name| name.starts_with("ticketing_") && !served.contains(*name))
        .collect();
    assert!(missing.is_empty(), "{missing:?} are not among {served:?}");
}
