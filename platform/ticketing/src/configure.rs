//! Puts the secrets and configurations that the manifest names into a lattice, as an operator's step before a deployment.
use anyhow::{Context as _, Result};

use crate::cli::Configure;
use crate::data::{Data, root};
use crate::lattice::{self, Connections, backend};
use crate::secrets::Secrets;
use crate::settings::{self, Keys};

/// Puts all of them there; those that are there already are replaced.
///
/// # Errors
/// When a value is missing, or the lattice has no host or no secrets backend that takes them.
pub async fn run(arguments: &Configure) -> Result<()> {
    let data = Data::of(&arguments.place)?;
    let server = settings::database(arguments.database.database_url.as_deref())?
        .context("DATABASE_URL is required: where the components find their databases")?;
    let nats = settings::nats(arguments.nats_url.as_deref())?
        .context("NATS_URL is required: the lattice's NATS server")?;
    let stripe = Keys {
        secret: required("STRIPE_SECRET_KEY", arguments.stripe_secret_key.as_deref())?,
        webhook: required(
            "STRIPE_WEBHOOK_SECRET",
            arguments.stripe_webhook_secret.as_deref(),
        )?,
        // No secret: it stands in the manifest.
        publishable: String::new(),
    };
    let secrets = Secrets::open(&data, 0)?;
    let client = lattice::connect(&nats).await?;
    let connections = Connections {
        database: &server,
        secrets: &secrets,
        stripe: &stripe,
    };
    backend::put(&client, &root(&arguments.place)?, &connections).await?;
    lattice::put_config(&client, &connections).await?;
    println!("the lattice has the secrets and configurations that the manifest names");
    Ok(())
}

fn required(name: &str, value: Option<&str>) -> Result<String> {
    value
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .with_context(|| format!("{name} is required"))
}
