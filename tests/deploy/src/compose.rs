//! The compose file: who waits for whom, what is mounted, and the variables that an operator fills in.
use serde_json::Value;

use crate::files::{all, list, str, text, yaml};
use crate::manifest::assert_settings_exist;

const FILE: &str = "deploy/compose/compose.yaml";

fn compose() -> Value {
    yaml(FILE).remove(0)
}

fn services(compose: &Value) -> impl Iterator<Item = (&String, &Value)> {
    compose["services"].as_object().expect("services").iter()
}

#[test]
fn what_is_waited_for_exists_and_can_tell_its_health() {
    let compose = compose();
    for (name, service) in services(&compose) {
        for (other, how) in service["depends_on"].as_object().into_iter().flatten() {
            let other_service = &compose["services"][other];
            assert!(other_service.is_object(), "{name} waits for {other}");
            if how["condition"] == "service_healthy" {
                assert!(other_service["healthcheck"].is_object(), "{other}");
            }
        }
    }
}

#[test]
fn every_volume_and_network_is_declared() {
    let compose = compose();
    for (name, service) in services(&compose) {
        for volume in list(&service["volumes"]) {
            let volume = str(volume).split(':').next().unwrap_or_default();
            assert!(compose["volumes"].get(volume).is_some(), "{name}: {volume}");
        }
        for network in list(&service["networks"]) {
            assert!(compose["networks"].get(str(network)).is_some(), "{name}");
        }
        assert_eq!(list(&service["networks"]).count(), 1, "{name}");
    }
}

#[test]
fn every_variable_has_a_default_or_stands_in_the_example() {
    let (file, example) = (text(FILE), text("deploy/compose/env.example"));
    let mut count = 0;
    for variable in file.split("${").skip(1) {
        let (variable, _) = variable.split_once('}').expect("a closing brace");
        if !variable.contains(":-") {
            count += 1;
            let line = format!("\n{variable}=");
            assert!(example.contains(&line), "{variable} is in no example");
        }
    }
    assert!(count > 3);
}

#[test]
fn every_address_is_that_of_a_service() {
    let compose = compose();
    let names: Vec<&String> = services(&compose).map(|(name, _)| name).collect();
    let variables = all(&compose, "environment");
    let mut found = 0;
    for (variable, value) in variables.iter().filter_map(|v| v.as_object()).flatten() {
        for (scheme, port) in [
            ("nats://", ":4222"),
            ("@", ":5432"),
            ("http://host", ":8000"),
        ] {
            let Some((_, rest)) = str(value).split_once(scheme) else {
                continue;
            };
            let host = if scheme == "http://host" {
                "host"
            } else {
                rest.split(':').next().unwrap_or_default()
            };
            assert!(names.iter().any(|name| *name == host), "{variable}={value}");
            assert!(rest.contains(port), "{variable}={value}");
            found += 1;
        }
    }
    assert!(found >= 6, "{found}");
}

#[test]
fn what_a_deployment_sets_stands_in_the_manifest() {
    let compose = compose();
    assert_settings_exist(list(&compose["services"]["deploy"]["command"]).map(str));
}

#[test]
fn what_is_ours_has_no_rights_that_it_does_not_need() {
    let compose = compose();
    for (name, service) in services(&compose) {
        if !str(&service["image"]).contains("TICKETING_IMAGE") {
            continue;
        }
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(str(&service["cap_drop"][0]), "ALL", "{name}");
        assert!(name == "prepare" || service.get("user").is_none(), "{name}");
    }
}
