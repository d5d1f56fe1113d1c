//! Links, put before anything that they link is started.
//!
//! wadm puts links and starts providers at the same time. A provider is told of the links that exist when it starts, and
//! of later ones once it listens; one that is put in between reaches it never, and wadm sees a link that exists and does
//! not put it again. Put first, there is no in between; wadm then finds each link as its manifest wants it.
use std::collections::HashMap;

use anyhow::{Context as _, Result, ensure};
use async_nats::Client;
use serde::Deserialize;
use wasmcloud_control_interface::Link;

use super::application::{Application, Component};
use super::{Manifest, control};

#[derive(Deserialize)]
struct LinkTrait {
    #[serde(default = "default_link")]
    name: String,
    namespace: String,
    package: String,
    interfaces: Vec<String>,
    source: Option<Source>,
    target: Target,
}

#[derive(Deserialize)]
struct Source {
    #[serde(default)]
    config: Vec<Config>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    #[serde(default)]
    config: Vec<Config>,
}

#[derive(Deserialize)]
struct Config {
    name: String,
    properties: Option<HashMap<String, String>>,
}

/// What a manifest says about links.
#[derive(Default)]
struct Wiring {
    /// Configurations that the manifest holds, by the name that wadm gives them.
    configs: Vec<(String, HashMap<String, String>)>,
    links: Vec<Link>,
}

/// Puts the manifest's links and their configurations into the lattice.
///
/// # Errors
/// When the manifest's links do not parse, or a host refuses one.
pub async fn put(client: &Client, manifest: &Manifest) -> Result<()> {
    let control = control(client);
    let wiring = read(&manifest.text)?;
    for (name, properties) in wiring.configs {
        let response = control
            .put_config(&name, properties)
            .await
            .map_err(|error| anyhow::anyhow!("cannot put configuration {name}: {error}"))?;
        ensure!(
            response.succeeded(),
            "cannot put configuration {name}: {}",
            response.message()
        );
    }
    for link in wiring.links {
        let what = format!(
            "link {} from {} to {}",
            link.name(),
            link.source_id(),
            link.target()
        );
        let response = control
            .put_link(link)
            .await
            .map_err(|error| anyhow::anyhow!("cannot put {what}: {error}"))?;
        ensure!(
            response.succeeded(),
            "cannot put {what}: {}",
            response.message()
        );
    }
    Ok(())
}

fn read(text: &str) -> Result<Wiring> {
    let application = Application::read(text)?;
    let app = &application.metadata.name;
    let components = &application.spec.components;
    let id = |component: &Component| {
        component
            .properties
            .id
            .clone()
            .unwrap_or_else(|| qualified(app, &component.name))
    };
    let ids: HashMap<&str, String> = components
        .iter()
        .map(|component| (component.name.as_str(), id(component)))
        .collect();
    let mut wiring = Wiring::default();
    for component in components {
        for linked in component.traits.iter().filter(|one| one.kind == "link") {
            let link: LinkTrait = serde_yaml::from_value(linked.properties.clone())
                .with_context(|| format!("wadm.yaml: a link of {}", component.name))?;
            let target = ids.get(link.target.name.as_str()).with_context(|| {
                format!(
                    "wadm.yaml: {} links to nothing named {}",
                    component.name, link.target.name
                )
            })?;
            let source_config = link.source.map(|source| source.config).unwrap_or_default();
            let link = Link::builder()
                .source_id(&id(component))
                .target(target)
                .name(&link.name)
                .wit_namespace(&link.namespace)
                .wit_package(&link.package)
                .interfaces(link.interfaces)
                .source_config(wiring.add(app, source_config))
                .target_config(wiring.add(app, link.target.config))
                .build()
                .map_err(|error| {
                    anyhow::anyhow!("wadm.yaml: a link of {}: {error}", component.name)
                })?;
            wiring.links.push(link);
        }
    }
    Ok(wiring)
}

impl Wiring {
    /// Notes configurations and returns the names by which the lattice knows them.
    fn add(&mut self, app: &str, configs: Vec<Config>) -> Vec<String> {
        let mut names = Vec::new();
        for config in configs {
            match config.properties {
                Some(properties) => {
                    let name = qualified(app, &config.name);
                    self.configs.push((name.clone(), properties));
                    names.push(name);
                }
                None => names.push(config.name),
            }
        }
        names
    }
}

fn default_link() -> String {
    "default".to_owned()
}

/// The name that wadm gives to what an application names itself.
fn qualified(app: &str, name: &str) -> String {
    let plain = |text: &str| {
        text.to_lowercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
    };
    format!("{}-{}", plain(app), plain(name))
}

#[cfg(test)]
mod tests {
    use super::read;

    const TEXT: &str = "
metadata: { name: shop }
spec:
  components:
    - name: server
      properties: { id: http-server }
      traits:
        - type: daemonscaler
          properties: { instances: 1 }
        - type: link
          properties:
            target: { name: pages, config: [{ name: known }] }
            namespace: wasi
            package: http
            interfaces: [incoming-handler]
            source: { config: [{ name: address-pages, properties: { address: 127.0.0.1:1 } }] }
    - name: pages
      properties: {}
";

    #[test]
    fn a_link_names_ids_and_configurations_as_wadm_does() {
        let wiring = read(TEXT).expect("a good manifest");
        let link = wiring.links.first().expect("one link");
        assert_eq!(wiring.links.len(), 1);
        assert_eq!(
            (link.source_id(), link.target(), link.name()),
            ("http-server", "shop-pages", "default")
        );
        assert_eq!(link.source_config(), &["shop-address_pages"]);
        assert_eq!(link.target_config(), &["known"]);
        assert_eq!(wiring.configs.len(), 1);
    }

    #[test]
    fn a_link_to_nothing_is_refused() {
        assert!(read(&TEXT.replace("name: pages, config", "name: page, config")).is_err());
    }
}
