//! `wadm.yaml` as it is deployed here: images by absolute path, this installation's addresses and settings in place of
//! the manifest's, and a version that changes whenever anything of it does.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use serde_yaml::{Mapping, Value};
use sha2::{Digest as _, Sha256};

/// Properties to set, by the name of the configuration that holds them.
pub type Overrides = BTreeMap<String, BTreeMap<String, String>>;

/// A manifest ready to be deployed.
pub struct Manifest {
    /// The application's name.
    pub name: String,
    /// A digest of the manifest and the artifacts that it names.
    pub version: String,
    /// The manifest itself.
    pub text: String,
}

impl Manifest {
    /// Reads the checkout's manifest, or another one of the same application, and applies `overrides`.
    ///
    /// # Errors
    /// When it does not parse, an artifact has not been built, or an override names a configuration that it lacks.
    pub fn read(root: &Path, other: Option<&Path>, overrides: &Overrides) -> Result<Self> {
        let path = other.map_or_else(|| root.join("wadm.yaml"), Path::to_path_buf);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut manifest: Value =
            serde_yaml::from_str(&text).with_context(|| format!("in {}", path.display()))?;

        let mut missing: BTreeSet<&str> = overrides.keys().map(String::as_str).collect();
        set_properties(&mut manifest, overrides, &mut missing);
        ensure!(
            missing.is_empty(),
            "wadm.yaml has no configuration named {missing:?}"
        );
        let mut digest = Sha256::new();
        resolve_images(&mut manifest, root, &mut digest)?;
        digest.update(serde_yaml::to_string(&manifest)?);
        let version: String = digest
            .finalize()
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();

        let metadata = mapping(&mut manifest, "metadata")?;
        let name = metadata
            .get("name")
            .and_then(Value::as_str)
            .context("wadm.yaml has no metadata.name")?
            .to_owned();
        let annotations = metadata
            .entry("annotations".into())
            .or_insert_with(|| Value::Mapping(Mapping::new()));
        annotations
            .as_mapping_mut()
            .context("wadm.yaml: metadata.annotations is no mapping")?
            .insert("version".into(), version.clone().into());
        Ok(Self {
            name,
            version,
            text: serde_yaml::to_string(&manifest)?,
        })
    }

    /// The text without a version, for a tool that deploys it again and again and leaves the numbering to wadm.
    ///
    /// # Errors
    /// Never: what was read once is read again.
    pub fn unversioned(&self) -> Result<String> {
        let mut manifest: Value = serde_yaml::from_str(&self.text)?;
        if let Some(Value::Mapping(annotations)) =
            mapping(&mut manifest, "metadata")?.get_mut("annotations")
        {
            annotations.remove("version");
        }
        Ok(serde_yaml::to_string(&manifest)?)
    }
}

fn mapping<'a>(value: &'a mut Value, key: &str) -> Result<&'a mut Mapping> {
    value
        .get_mut(key)
        .and_then(Value::as_mapping_mut)
        .with_context(|| format!("wadm.yaml has no {key}"))
}

/// Sets properties in every entry of every `config` list, wherever it is.
fn set_properties<'a>(
    value: &mut Value,
    overrides: &'a Overrides,
    missing: &mut BTreeSet<&'a str>,
) {
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping.iter_mut() {
                if key.as_str() == Some("config")
                    && let Value::Sequence(configs) = value
                {
                    for config in configs {
                        set_in(config, overrides, missing);
                    }
                } else {
                    set_properties(value, overrides, missing);
                }
            }
        }
        Value::Sequence(values) => {
            for value in values {
                set_properties(value, overrides, missing);
            }
        }
        _ => {}
    }
}

fn set_in<'a>(config: &mut Value, overrides: &'a Overrides, missing: &mut BTreeSet<&'a str>) {
    let name = config.get("name").and_then(Value::as_str);
    let Some((name, values)) = name.and_then(|name| overrides.get_key_value(name)) else {
        return;
    };
    if let Some(Value::Mapping(properties)) = config.get_mut("properties") {
        missing.remove(name.as_str());
        for (key, value) in values {
            properties.insert(key.as_str().into(), value.as_str().into());
        }
    }
}

/// The file of an image in the checkout at `root`; `None` for one that is in a registry or built into the host.
pub(super) fn artifact(root: &Path, image: &str) -> Option<PathBuf> {
    let file = image.strip_prefix("file://")?;
    Some(root.join(file.strip_prefix("./").unwrap_or(file)))
}

/// Hosts resolve `file://` against nothing, so relative paths are made absolute. The artifacts' contents go into the
/// digest: a host does not load an image again whose reference and version it knows.
fn resolve_images(manifest: &mut Value, root: &Path, digest: &mut Sha256) -> Result<()> {
    let components = manifest
        .get_mut("spec")
        .and_then(|spec| spec.get_mut("components"))
        .and_then(Value::as_sequence_mut)
        .context("wadm.yaml has no spec.components")?;
    for component in components {
        let Some(image) = component
            .get_mut("properties")
            .and_then(|properties| properties.get_mut("image"))
        else {
            bail!("wadm.yaml: a component has no image");
        };
        let Some(path) = image.as_str().and_then(|image| artifact(root, image)) else {
            continue;
        };
        let artifact = fs::read(&path)
            .with_context(|| format!("{} is missing; run `cargo xtask build`", path.display()))?;
        digest.update(&artifact);
        *image = format!("file://{}", path.display()).into();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overridden(text: &str, name: &str) -> (String, bool) {
        let overrides = Overrides::from([(
            name.to_owned(),
            BTreeMap::from([("port".to_owned(), "9".to_owned())]),
        )]);
        let mut missing: BTreeSet<&str> = overrides.keys().map(String::as_str).collect();
        let mut manifest: Value = serde_yaml::from_str(text).expect("good yaml");
        set_properties(&mut manifest, &overrides, &mut missing);
        (
            serde_yaml::to_string(&manifest).expect("good value"),
            missing.is_empty(),
        )
    }

    const TEXT: &str = "traits:\n- target:\n    config:\n    - name: http\n      properties: { port: '1', path: / }\n";

    #[test]
    fn an_override_replaces_one_property_and_leaves_the_others() {
        let (text, found) = overridden(TEXT, "http");
        assert!(found);
        assert!(
            text.contains("port: '9'") && text.contains("path: /"),
            "{text}"
        );
    }

    #[test]
    fn an_override_of_an_unknown_configuration_is_noticed() {
        let (text, found) = overridden(TEXT, "https");
        assert!(!found);
        assert!(text.contains("port: '1'"), "{text}");
    }
}
