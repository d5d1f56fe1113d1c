//! A component or a provider archive as a registry keeps it: a configuration and one layer, with wasmCloud's media types.
use std::path::Path;

use anyhow::{Context as _, Result};
use oci_client::client::{Config, ImageLayer};
use oci_client::manifest::OciImageManifest;
use oci_wasm::{ToConfig as _, WASM_MANIFEST_MEDIA_TYPE, WasmConfig};
use provider_archive::ProviderArchive;

const PROVIDER_CONFIG: &str = "application/vnd.wasmcloud.provider.archive.config";
const PROVIDER_LAYER: &str = "application/vnd.wasmcloud.provider.archive.layer.v1+par";

/// What is pushed.
pub struct Artifact {
    pub config: Config,
    pub layers: Vec<ImageLayer>,
    pub manifest: OciImageManifest,
}

impl Artifact {
    /// Reads a `.wasm` or a `.par.gz`.
    ///
    /// # Errors
    /// When it has not been built, or is not what its name says.
    pub async fn read(path: &Path) -> Result<Self> {
        let bytes = tokio::fs::read(path)
            .await
            .with_context(|| format!("{} is missing; run `cargo xtask build`", path.display()))?;
        let name = path.to_string_lossy();
        if name.ends_with(".wasm") {
            Self::component(bytes).with_context(|| format!("{name} is no component"))
        } else {
            Self::provider(bytes)
                .await
                .with_context(|| format!("{name} is no provider archive"))
        }
    }

    /// Bytes of the layer.
    pub fn size(&self) -> usize {
        self.layers.iter().map(|layer| layer.data.len()).sum()
    }

    fn component(bytes: Vec<u8>) -> Result<Self> {
        let (config, layer) = WasmConfig::from_raw_component(bytes, None)?;
        let config = config.to_config()?;
        let layers = vec![layer];
        let mut manifest = OciImageManifest::build(&layers, &config, None);
        manifest.media_type = Some(WASM_MANIFEST_MEDIA_TYPE.to_owned());
        Ok(Self {
            config,
            layers,
            manifest,
        })
    }

    async fn provider(bytes: Vec<u8>) -> Result<Self> {
        // What a host could not start is not pushed.
        ProviderArchive::try_load(&bytes)
            .await
            .map_err(|error| anyhow::anyhow!(error))?;
        let config = Config {
            data: b"{}".to_vec(),
            media_type: PROVIDER_CONFIG.to_owned(),
            annotations: None,
        };
        let layers = vec![ImageLayer {
            data: bytes,
            media_type: PROVIDER_LAYER.to_owned(),
            annotations: None,
        }];
        let manifest = OciImageManifest::build(&layers, &config, None);
        Ok(Self {
            config,
            layers,
            manifest,
        })
    }
}
