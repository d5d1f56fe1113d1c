//! The manifest: its routes lead to its components, and what others set in it is there.
use std::collections::BTreeMap;

use serde_json::Value;

use crate::files::{all, list, str, text, yaml};

/// The properties of the manifest's configurations, by their names; those without a value are left out.
pub fn configurations(manifest: &Value) -> BTreeMap<&str, &Value> {
    all(manifest, "config")
        .into_iter()
        .flat_map(list)
        .filter_map(|config| Some((config["name"].as_str()?, config.get("properties")?)))
        .collect()
}

/// Checks that `--set=CONFIGURATION.PROPERTY=…` arguments name what the manifest holds.
pub fn assert_settings_exist<'a>(arguments: impl IntoIterator<Item = &'a str>) {
    // Properties that have a default, and so do not stand in the manifest.
    const DEFAULTED: [&str; 1] = ["ingress.public_scheme"];
    let manifest = &yaml("wadm.yaml")[0];
    let configurations = configurations(manifest);
    let mut count = 0;
    for setting in arguments
        .into_iter()
        .filter_map(|argument| argument.strip_prefix("--set="))
    {
        count += 1;
        let (name, _) = setting.split_once('=').expect("a value");
        let (configuration, property) = name.split_once('.').expect("a property");
        let properties = configurations.get(configuration);
        let properties = properties.unwrap_or_else(|| panic!("{setting}: no {configuration}"));
        assert!(
            properties.get(property).is_some() || DEFAULTED.contains(&name),
            "{setting}: {configuration} has no {property}"
        );
    }
    assert!(count > 0, "nothing is set");
}

#[test]
fn every_component_has_an_address_of_its_own_and_every_route_leads_to_one() {
    let manifest = &yaml("wadm.yaml")[0];
    let configurations = configurations(manifest);
    let addresses: BTreeMap<&str, &str> = configurations
        .iter()
        .filter_map(|(name, properties)| {
            Some((str(&properties["address"]), name.strip_prefix("address-")?))
        })
        .collect();
    let components = list(&manifest["spec"]["components"])
        .filter(|component| component["type"] == "component")
        .count();
    assert_eq!(addresses.len(), components);

    let ingress = configurations["ingress"];
    let named = [&ingress["routes"], &ingress["health_upstreams"]];
    let mut reached = Vec::new();
    for route in named.into_iter().flat_map(|routes| str(routes).split(',')) {
        let (name, address) = route.split_once('=').expect("name=address");
        let component = addresses.get(address);
        reached.push(*component.unwrap_or_else(|| panic!("{name} leads to nobody: {address}")));
    }
    reached.sort_unstable();
    let mut all: Vec<&str> = addresses.into_values().collect();
    all.sort_unstable();
    assert_eq!(reached, all);
}

#[test]
fn every_link_ends_at_something_of_the_manifest() {
    let manifest = &yaml("wadm.yaml")[0];
    let names: Vec<&str> = list(&manifest["spec"]["components"])
        .map(|component| str(&component["name"]))
        .collect();
    let targets = all(manifest, "target");
    assert!(targets.len() > 10);
    for target in targets {
        assert!(names.contains(&str(&target["name"])), "{target}");
    }
}

#[test]
fn every_secret_is_in_a_backend_that_the_hosts_are_told_of() {
    let manifest = &yaml("wadm.yaml")[0];
    let policies = list(&manifest["spec"]["policies"]);
    let backends: BTreeMap<&str, &str> = policies
        .map(|policy| (str(&policy["name"]), str(&policy["properties"]["backend"])))
        .collect();
    let code = text("platform/ticketing/src/lattice/backend.rs");
    let mut count = 0;
    for secret in all(manifest, "secrets").into_iter().flat_map(list) {
        let policy = str(&secret["properties"]["policy"]);
        let name = backends[policy];
        assert!(code.contains(&format!("NAME: &str = \"{name}\"")), "{name}");
        count += 1;
    }
    assert!(count > 10, "{count}");
    let host = &yaml("deploy/compose/compose.yaml")[0]["services"]["host"];
    let topic = str(&host["environment"]["WASMCLOUD_SECRETS_TOPIC"]);
    assert!(
        code.contains(&format!("TOPIC: &str = \"{topic}\"")),
        "{topic}"
    );
}

#[test]
fn health_asks_every_provider_that_can_be_asked() {
    let manifest = &yaml("wadm.yaml")[0];
    let asked = str(&configurations(manifest)["ingress"]["health_providers"]).to_owned();
    let mut asked: Vec<&str> = asked.split(',').collect();
    asked.sort_unstable();
    let mut providers: Vec<&str> = list(&manifest["spec"]["components"])
        .filter(|part| part["type"] == "capability")
        .filter(|part| str(&part["properties"]["image"]).starts_with("file://"))
        .map(|part| str(&part["properties"]["id"]))
        // It is the one who asks.
        .filter(|id| *id != "ingress")
        .collect();
    providers.sort_unstable();
    assert_eq!(asked, providers);
}
