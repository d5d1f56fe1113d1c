//! A deployment to a lattice that runs: links first, then the manifest, then a wait until wadm has done it all.
//! Every deployment prints its version; `--version` goes back to it.
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::cli::Deploy;
use crate::data::root;
use crate::lattice::{self, Manifest, Overrides};
use crate::settings;

/// Deploys this checkout's manifest, or a version that wadm remembers.
///
/// # Errors
/// When a setting is wrong, wadm refuses, or the lattice does not get there in time.
pub async fn run(arguments: &Deploy) -> Result<()> {
    let limit = Duration::from_secs(settings::number("--timeout", &arguments.timeout, 1, 3600)?);
    let nats = settings::nats(arguments.nats_url.as_deref())?
        .context("NATS_URL is required: the lattice's NATS server")?;
    let overrides = overrides(&arguments.settings)?;
    let manifest = Manifest::read(&root(&arguments.place)?, &overrides)?;
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

/// Reads `configuration.PROPERTY=value`; a value may hold any further `.` and `=`.
fn overrides(settings: &[String]) -> Result<Overrides> {
    let mut overrides = Overrides::new();
    for setting in settings {
        let (configuration, property, value) = setting
            .split_once('=')
            .and_then(|(name, value)| {
                let (configuration, property) = name.split_once('.')?;
                Some((configuration, property, value))
            })
            .with_context(|| format!("--set {setting:?} is not configuration.PROPERTY=value"))?;
        overrides
            .entry(configuration.to_owned())
            .or_default()
            .insert(property.to_owned(), value.to_owned());
    }
    Ok(overrides)
}

#[cfg(test)]
mod tests {
    use super::overrides;

    #[test]
    fn a_setting_names_a_configuration_and_its_property() {
        let settings = [
            "ingress.address=0.0.0.0:8000".to_owned(),
            "ingress.routes=/=127.0.0.1:1".to_owned(),
        ];
        let overrides = overrides(&settings).expect("well formed");
        assert_eq!(overrides["ingress"]["address"], "0.0.0.0:8000");
        assert_eq!(overrides["ingress"]["routes"], "/=127.0.0.1:1");
    }

    #[test]
    fn anything_else_is_refused() {
        for setting in ["ingress", "ingress.address", "address=1"] {
            assert!(overrides(&[setting.to_owned()]).is_err(), "{setting}");
        }
    }
}
