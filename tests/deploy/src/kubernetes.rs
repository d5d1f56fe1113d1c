//! The Kubernetes files: kustomize finds them all, selectors match labels, ports exist, references lead somewhere,
//! and every container runs with as few rights as it can. Rendered too where `kubectl` is installed.
use std::process::Command;

use serde_json::Value;

use crate::files::{all, list, parse, repository, str, text, yaml, yaml_files};
use crate::manifest::assert_settings_exist;

const FOLDER: &str = "deploy/kubernetes";
const APP: &str = "app.kubernetes.io/name";

/// The objects of an overlay, as `kubectl kustomize` renders them; as they stand in the files where there is none.
fn objects(overlay: &str) -> Vec<Value> {
    let rendered = Command::new("kubectl")
        .args(["kustomize", overlay])
        .current_dir(repository().join(FOLDER))
        .output();
    match rendered {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success(),
                "kubectl kustomize {overlay}: {said}"
            );
            parse(&String::from_utf8_lossy(&output.stdout)).expect("what kubectl writes is YAML")
        }
        Err(_) => [overlay, "base"].into_iter().flat_map(resources).collect(),
    }
}

/// The objects in the files that a kustomization names.
fn resources(folder: &str) -> Vec<Value> {
    let kustomization = &yaml(&format!("{FOLDER}/{folder}/kustomization.yaml"))[0];
    list(&kustomization["resources"])
        .map(str)
        .filter(|name| name.ends_with(".yaml"))
        .flat_map(|name| yaml(&format!("{FOLDER}/{folder}/{name}")))
        .collect()
}

fn name(object: &Value) -> &str {
    str(&object["metadata"]["name"])
}

/// The objects of a kind with its pods: deployments, stateful sets and jobs.
fn workloads(objects: &[Value]) -> Vec<&Value> {
    let kinds = ["Deployment", "StatefulSet", "Job"];
    let found: Vec<&Value> = objects
        .iter()
        .filter(|object| kinds.contains(&str(&object["kind"])))
        .collect();
    assert!(found.len() >= 4);
    found
}

fn app(workload: &Value) -> &str {
    str(&workload["spec"]["template"]["metadata"]["labels"][APP])
}

fn containers(workload: &Value) -> impl Iterator<Item = &Value> {
    let pod = &workload["spec"]["template"]["spec"];
    list(&pod["initContainers"]).chain(list(&pod["containers"]))
}

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let found: Vec<&Value> = objects.iter().filter(|o| o["kind"] == kind).collect();
    assert!(!found.is_empty(), "no {kind}");
    found
}

/// The apps that a label selector selects; all of them when it is empty.
fn selected<'a>(selector: &'a Value) -> Vec<&'a str> {
    let equal = selector["matchLabels"][APP].as_str();
    let among = list(&selector["matchExpressions"])
        .filter(|expression| str(&expression["key"]) == APP)
        .flat_map(|expression| list(&expression["values"]).map(str));
    equal.into_iter().chain(among).collect()
}

fn each_overlay(check: impl Fn(&[Value])) {
    for overlay in ["small", "production"] {
        check(&objects(overlay));
    }
}

#[test]
fn every_file_belongs_to_its_kustomization() {
    for folder in ["base", "small", "production"] {
        let kustomization = &yaml(&format!("{FOLDER}/{folder}/kustomization.yaml"))[0];
        let patches = list(&kustomization["patches"]).filter_map(|patch| patch["path"].as_str());
        let mut named: Vec<&str> = list(&kustomization["resources"])
            .map(str)
            .filter(|name| name.ends_with(".yaml"))
            .chain(patches)
            .chain(["kustomization.yaml"])
            .collect();
        named.sort_unstable();
        assert_eq!(yaml_files(&format!("{FOLDER}/{folder}")), named, "{folder}");
    }
}

#[test]
fn a_workload_selects_its_own_pods() {
    each_overlay(|objects| {
        for workload in workloads(objects) {
            assert!(!app(workload).is_empty(), "{}", name(workload));
            // A job's selector is the cluster's own.
            if workload["kind"] != "Job" {
                assert_eq!(selected(&workload["spec"]["selector"]), [app(workload)]);
            }
        }
    });
}

#[test]
fn a_service_leads_to_a_port_of_the_pods_that_it_selects() {
    each_overlay(|objects| {
        for service in of_kind(objects, "Service") {
            let target = str(&service["spec"]["selector"][APP]);
            let workloads = workloads(objects);
            let pods = workloads.iter().find(|workload| app(workload) == target);
            let pods = pods.unwrap_or_else(|| panic!("{} leads to nobody", name(service)));
            for port in list(&service["spec"]["ports"]) {
                let open = containers(pods)
                    .flat_map(|container| list(&container["ports"]))
                    .find(|open| open["name"] == port["targetPort"]);
                let open = open.unwrap_or_else(|| panic!("{}: {port}", name(service)));
                let (inside, outside) = (&open["containerPort"], &port["port"]);
                assert!(
                    inside == outside || outside == 80,
                    "{}: {port}",
                    name(service)
                );
            }
        }
    });
}

#[test]
fn rules_of_the_network_and_of_disruption_name_pods_and_ports_that_exist() {
    each_overlay(|objects| {
        let workloads = workloads(objects);
        let apps: Vec<&str> = workloads.iter().map(|workload| app(workload)).collect();
        let ports: Vec<&str> = workloads
            .iter()
            .flat_map(|workload| containers(workload))
            .flat_map(|container| list(&container["ports"]))
            .map(|port| str(&port["name"]))
            .collect();
        for policy in of_kind(objects, "NetworkPolicy") {
            for selector in all(policy, "podSelector") {
                for app in selected(selector) {
                    assert!(apps.contains(&app), "{} names {app}", name(policy));
                }
            }
            for port in all(policy, "port").into_iter().filter_map(Value::as_str) {
                assert!(ports.contains(&port), "{} names {port}", name(policy));
            }
        }
        for budget in of_kind(objects, "PodDisruptionBudget") {
            let selected = selected(&budget["spec"]["selector"]);
            assert!(selected.iter().all(|app| apps.contains(app)) && selected.len() == 1);
        }
    });
}

#[test]
fn every_configuration_and_secret_that_is_used_exists() {
    let operations = text("docs/operations.md");
    each_overlay(|objects| {
        let maps: Vec<&str> = of_kind(objects, "ConfigMap")
            .into_iter()
            .map(name)
            .collect();
        for workload in workloads(objects) {
            let used = all(workload, "configMapRef")
                .into_iter()
                .chain(all(workload, "configMap"));
            for map in used {
                assert!(
                    maps.contains(&str(&map["name"])),
                    "{}: {map}",
                    name(workload)
                );
            }
            for key in all(workload, "secretKeyRef") {
                let (secret, key) = (str(&key["name"]), str(&key["key"]));
                assert!(
                    operations.contains(&format!("secret generic {secret}")),
                    "{secret}"
                );
                assert!(operations.contains(&format!("{key}=")), "{secret}: {key}");
            }
            for secret in all(workload, "secretName") {
                let command = format!("secret generic {}", str(secret));
                assert!(operations.contains(&command), "{secret}");
            }
        }
    });
}

#[test]
fn every_mounted_volume_is_declared() {
    each_overlay(|objects| {
        for workload in workloads(objects) {
            let pod = &workload["spec"]["template"]["spec"];
            let claims = list(&workload["spec"]["volumeClaimTemplates"]);
            let declared: Vec<&str> = list(&pod["volumes"])
                .map(|volume| str(&volume["name"]))
                .chain(claims.map(name))
                .collect();
            for mount in containers(workload).flat_map(|container| list(&container["volumeMounts"]))
            {
                assert!(
                    declared.contains(&str(&mount["name"])),
                    "{}: {mount}",
                    name(workload)
                );
            }
        }
    });
}

#[test]
fn every_container_has_a_size_and_no_rights_that_it_does_not_need() {
    each_overlay(|objects| {
        for workload in workloads(objects) {
            let pod = &workload["spec"]["template"]["spec"];
            assert_eq!(
                pod["securityContext"]["runAsNonRoot"],
                true,
                "{}",
                name(workload)
            );
            assert_eq!(
                pod["automountServiceAccountToken"],
                false,
                "{}",
                name(workload)
            );
            for container in containers(workload) {
                let what = format!("{} of {}", str(&container["name"]), name(workload));
                let rights = &container["securityContext"];
                assert_eq!(rights["readOnlyRootFilesystem"], true, "{what}");
                assert_eq!(rights["allowPrivilegeEscalation"], false, "{what}");
                assert_eq!(str(&rights["capabilities"]["drop"][0]), "ALL", "{what}");
                assert!(
                    container["resources"]["requests"]["cpu"].is_string(),
                    "{what}"
                );
                assert!(
                    container["resources"]["limits"]["memory"].is_string(),
                    "{what}"
                );
                assert!(
                    workload["kind"] == "Job" || container["readinessProbe"].is_object(),
                    "{what} is never known to be ready"
                );
            }
        }
    });
}

#[test]
fn what_a_release_sets_stands_in_the_manifest_and_in_its_own_configuration() {
    each_overlay(|objects| {
        let release = workloads(objects)
            .into_iter()
            .find(|w| name(w) == "release");
        let release = release.expect("a release");
        let deploy = containers(release).last().expect("a container");
        let arguments: Vec<&str> = list(&deploy["args"]).map(str).collect();
        assert_settings_exist(arguments.iter().copied());
        let maps = of_kind(objects, "ConfigMap");
        let shop = maps
            .into_iter()
            .find(|map| name(map) == "shop")
            .expect("it");
        for variable in arguments
            .iter()
            .filter_map(|argument| argument.split_once("$("))
        {
            let variable = variable.1.trim_end_matches(')');
            assert!(
                shop["data"][variable].is_string(),
                "{variable} is not in the ConfigMap"
            );
        }
    });
}

/// Names and values of a container's variables that stand in the file itself.
fn variables(container: &Value) -> Vec<(&str, &str)> {
    let fixed = list(&container["env"]).filter(|variable| variable["value"].is_string());
    fixed
        .map(|variable| (str(&variable["name"]), str(&variable["value"])))
        .collect()
}

#[test]
fn hosts_are_told_the_same_as_under_compose_and_what_they_understand() {
    let understood = text("platform/host/src/args.rs");
    let compose = &yaml("deploy/compose/compose.yaml")[0];
    let under_compose = &compose["services"]["host"]["environment"];
    each_overlay(|objects| {
        let host = workloads(objects)
            .into_iter()
            .find(|w| name(w) == "host")
            .expect("hosts");
        let variables = variables(containers(host).next().expect("a container"));
        assert_eq!(
            variables.len(),
            under_compose.as_object().map_or(0, serde_json::Map::len)
        );
        for (name, value) in variables {
            assert_eq!(str(&under_compose[name]), value, "{name}");
            assert!(understood.contains(&format!("env = \"{name}\"")), "{name}");
        }
    });
}

#[test]
fn addresses_in_variables_are_those_of_services() {
    each_overlay(|objects| {
        let services = of_kind(objects, "Service");
        let mut found = 0;
        for workload in workloads(objects) {
            for (_, value) in containers(workload).flat_map(variables) {
                let address = value.strip_prefix("nats://").unwrap_or(value);
                if let Some(("nats", port)) = address.split_once(':') {
                    let service = services.iter().find(|service| name(service) == "nats");
                    let ports = &service.expect("a service")["spec"]["ports"];
                    assert!(
                        list(ports).any(|open| open["port"].to_string() == port),
                        "{value}"
                    );
                    found += 1;
                }
            }
        }
        assert!(found >= 4, "{found}");
    });
}
