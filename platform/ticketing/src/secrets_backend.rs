//! The secrets backend: wasmCloud's `secrets-nats-kv` with this installation's keys. It keeps secrets encrypted in a bucket
//! of NATS, and gives one to a host for the component or provider whose signed claims it is shown, if that may have it.
//! Several of them share the work.
use anyhow::{Context as _, Result};
use secrets_nats_kv::Api;
use secrets_nats_kv::client::SECRETS_API_VERSION;

use crate::cli::SecretsBackend;
use crate::data::Data;
use crate::lattice::{self, backend};
use crate::secrets::Secrets;
use crate::settings;

/// Of each secret this many versions are kept, as the original does.
const VERSIONS: usize = 64;
/// The backends of a lattice are one queue group.
const QUEUE: &str = "wasmcloud_secrets";

/// Runs until NATS is gone for good; or asks another whether it answers.
///
/// # Errors
/// When its keys cannot be read, or NATS does not answer.
pub async fn run(arguments: &SecretsBackend) -> Result<()> {
    let nats = settings::nats(arguments.nats_url.as_deref())?
        .context("NATS_URL is required: the lattice's NATS server")?;
    let secrets = Secrets::open(&Data::of(&arguments.place)?, 0)?;
    let client = lattice::connect(&nats).await?;
    if arguments.check {
        return backend::answers(&client, &secrets).await;
    }
    let api = Api::new(
        secrets.backend_transit_key()?,
        secrets.backend_encryption_key()?,
        client,
        backend::TOPIC.to_owned(),
        backend::NAME.to_owned(),
        backend::BUCKET.to_owned(),
        VERSIONS,
        QUEUE.to_owned(),
        SECRETS_API_VERSION.to_owned(),
    );
    println!("keeping secrets at {nats}");
    api.run().await.context("the secrets backend")
}
