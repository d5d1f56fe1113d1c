//! A deployment to a lattice that runs: links first, then the manifest, then a wait until wadm has done it all.
//! Every deployment prints its version; `--version` goes back to it.
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::cli::Deploy;
use crate::data::root;
use crate::lattice::{self, Manifest};
use crate::settings;

/// Deploys this checkout's manifest, or a version that wadm remembers.
///
/// # Errors
/// When a setting is wrong, wadm refuses, or the lattice does not get there in time.
pub async fn run(arguments: &Deploy) -> Result<()> {
    let limit = Duration::from_secs(settings::number("--timeout", &arguments.timeout, 1, 3600)?);
    let nats = settings::nats(arguments.nats_url.as_deref())?
        .context("NATS_URL is required: the lattice's NATS server")?;
    let overrides = settings::overrides(&arguments.settings)?;
    let root = root(&arguments.place)?;
    let manifest = Manifest::read(&root, arguments.manifest.as_deref(), &overrides)?;
    let client = lattice::connect(&nats).await?;
    let version = match &arguments.version {
        Some(version) => {
            lattice::deploy_version(&client, &manifest.name, version).await?;
            version
        }
        None => {
            lattice::put_links(&client, &manifest).await?;
            lattice::deploy(&client, &manifest).await?;
            &manifest.version
        }
    };
    println!("deploying {} {version}", manifest.name);
    lattice::deployed(&client, &manifest.name, limit).await?;
    println!("{} {version} is deployed", manifest.name);
    Ok(())
}
