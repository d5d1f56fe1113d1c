//! The manifest with references to a registry in place of files.
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use oci_client::Reference;
use serde_yaml::{Mapping, Value};

/// A manifest whose images are in a registry.
pub struct Published {
    pub text: String,
    /// What has to be there.
    pub images: Vec<Image>,
}

/// One artifact.
pub struct Image {
    pub file: PathBuf,
    pub reference: Reference,
}

impl Published {
    /// Replaces every image that is a file by `<registry>/<component's name>:<tag>`, and makes the tag the version.
    ///
    /// # Errors
    /// When the manifest does not parse, or registry and tag make no reference.
    pub fn of(text: &str, registry: &str, tag: &str) -> Result<Self> {
        ensure!(
            tag != "latest",
            "--tag latest: hosts refuse it, since it names another artifact each day"
        );
        let mut manifest: Value = serde_yaml::from_str(text)?;
        let mut images = Vec::new();
        let components = manifest
            .get_mut("spec")
            .and_then(|spec| spec.get_mut("components")?.as_sequence_mut())
            .context("the manifest has no spec.components")?;
        for component in components {
            let name = component
                .get("name")
                .and_then(Value::as_str)
                .context("a component of the manifest has no name")?
                .to_owned();
            let Some(image) = component
                .get_mut("properties")
                .and_then(|properties| properties.get_mut("image"))
            else {
                continue;
            };
            // Others are in a registry already, or built into the host.
            let Some(file) = image
                .as_str()
                .and_then(|image| image.strip_prefix("file://"))
                .map(|file| Path::new(file).to_owned())
            else {
                continue;
            };
            let reference = format!("{registry}/{name}:{tag}");
            *image = reference.clone().into();
            let reference = reference.parse().with_context(|| {
                format!("{reference} is no reference; see --registry and --tag")
            })?;
            images.push(Image { file, reference });
        }
        manifest
            .get_mut("metadata")
            .and_then(Value::as_mapping_mut)
            .context("the manifest has no metadata")?
            .entry("annotations".into())
            .or_insert_with(|| Value::Mapping(Mapping::new()))
            .as_mapping_mut()
            .context("the manifest's metadata.annotations is no mapping")?
            .insert("version".into(), tag.into());
        Ok(Self {
            text: serde_yaml::to_string(&manifest)?,
            images,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lattice::fixtures::manifest as own;

    /// Every scalar of a manifest, with its path.
    fn leaves(value: &Value, path: &str, found: &mut Vec<(String, Value)>) {
        match value {
            Value::Mapping(mapping) => mapping.iter().for_each(|(key, value)| {
                leaves(
                    value,
                    &format!("{path}/{}", key.as_str().unwrap_or("?")),
                    found,
                );
            }),
            Value::Sequence(values) => values.iter().enumerate().for_each(|(index, value)| {
                leaves(value, &format!("{path}/{index}"), found);
            }),
            leaf => found.push((path.to_owned(), leaf.clone())),
        }
    }

    fn leaves_of(text: &str) -> Vec<(String, Value)> {
        let mut found = Vec::new();
        leaves(&serde_yaml::from_str(text).expect("yaml"), "", &mut found);
        found
    }

    #[test]
    fn only_images_that_are_files_change_and_a_version_is_added() {
        let published = Published::of(&own(), "127.0.0.1:5000/shop", "1.10").expect("good");
        let files = own().matches("image: file://").count();
        assert!(files > 0);
        assert_eq!(published.images.len(), files);
        let (before, mut after) = (leaves_of(&own()), leaves_of(&published.text));
        let version = ("/metadata/annotations/version".to_owned(), "1.10".into());
        let added = after.iter().position(|leaf| *leaf == version);
        after.remove(added.expect("a version"));
        assert_eq!(before.len(), after.len());
        let changed: Vec<_> = before
            .iter()
            .zip(&after)
            .filter(|(before, after)| before != after)
            .map(|(_, (path, value))| (path.as_str(), value.as_str().unwrap_or_default()))
            .collect();
        assert_eq!(changed.len(), files);
        assert!(
            changed
                .iter()
                .any(|(path, value)| path.ends_with("/properties/image")
                    && *value == "127.0.0.1:5000/shop/sqldb-postgres:1.10"),
            "{changed:?}"
        );
    }

    #[test]
    fn a_tag_that_hosts_refuse_or_that_is_none_is_refused() {
        assert!(Published::of(&own(), "registry.example", "latest").is_err());
        assert!(Published::of(&own(), "registry.example", "a b").is_err());
        assert!(Published::of(&own(), "http://registry.example", "1").is_err());
    }
}
