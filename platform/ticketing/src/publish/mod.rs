//! Pushes every artifact that a manifest names to a registry, as hosts and `wash` know them, and writes the manifest that
//! names them there.
mod artifact;
mod manifest;
mod registry;

use std::fs;

use anyhow::{Context as _, Result};

use crate::cli::Publish;
use crate::data::root;
use crate::lattice::Manifest;
use crate::settings;
use artifact::Artifact;
use manifest::Published;
use registry::Registry;

/// Pushes all, then writes the manifest: a manifest that is there names nothing that is not.
///
/// # Errors
/// When the registry's name or the tag is malformed, an artifact has not been built, or the registry refuses one.
pub async fn run(arguments: &Publish) -> Result<()> {
    let root = root(&arguments.place)?;
    let overrides = settings::overrides(&arguments.settings)?;
    let manifest = Manifest::read(&root, arguments.manifest.as_deref(), &overrides)?;
    let published = Published::of(&manifest.text, &arguments.registry, &arguments.tag)?;
    let registry = Registry::new(arguments);
    for image in &published.images {
        let artifact = Artifact::read(&image.file).await?;
        let size = artifact.size();
        registry.push(&image.reference, artifact).await?;
        println!("pushed {} ({} KiB)", image.reference, size.div_ceil(1024));
    }
    let output = arguments
        .output
        .clone()
        .unwrap_or_else(|| root.join(format!("target/wadm-{}.yaml", arguments.tag)));
    let failed = || format!("cannot write {}", output.display());
    if let Some(folder) = output.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    fs::write(&output, &published.text).with_context(failed)?;
    println!("wrote {}", output.display());
    Ok(())
}
