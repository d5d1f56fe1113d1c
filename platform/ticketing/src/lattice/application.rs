//! What is read of an application's manifest.
use anyhow::{Context as _, Result};
use serde::Deserialize;
use serde_yaml::Value;

#[derive(Deserialize)]
pub struct Application {
    pub metadata: Metadata,
    pub spec: Spec,
}

#[derive(Deserialize)]
pub struct Metadata {
    pub name: String,
}

#[derive(Deserialize)]
pub struct Spec {
    pub components: Vec<Component>,
}

/// A component or a provider.
#[derive(Deserialize)]
pub struct Component {
    pub name: String,
    pub properties: Properties,
    #[serde(default)]
    pub traits: Vec<Trait>,
}

#[derive(Deserialize)]
pub struct Properties {
    /// Not there when another application runs it.
    pub image: Option<String>,
    pub id: Option<String>,
    #[serde(default)]
    pub secrets: Vec<Secret>,
}

#[derive(Deserialize)]
pub struct Secret {
    pub properties: SecretProperties,
}

#[derive(Deserialize)]
pub struct SecretProperties {
    /// In the secrets backend.
    pub key: String,
}

#[derive(Deserialize)]
pub struct Trait {
    #[serde(rename = "type")]
    pub kind: String,
    pub properties: Value,
}

impl Application {
    /// Reads `text`, a manifest.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self> {
        serde_yaml::from_str(text).context("in wadm.yaml")
    }
}
