//! Provider archives (`.par.gz`): a binary with signed claims of who it is. A host starts a provider from nothing else.
//! An archive is made again only when its binary or its key has changed.
use std::env::consts::{ARCH, OS};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use nkeys::{KeyPair, KeyPairType};
use provider_archive::ProviderArchive;

use crate::cli::Par;
use crate::signing_key::{issuer, key, made_of};

const VENDOR: &str = "ticketing";

/// Makes every archive that is not up to date.
///
/// # Errors
/// When a binary cannot be read, or a key or an archive cannot be written.
pub async fn run(arguments: Par) -> Result<()> {
    let issuer = issuer(&arguments.keys)?;
    for pair in &arguments.providers {
        let (binary, archive) = pair
            .split_once('=')
            .with_context(|| format!("{pair:?} is not <binary>=<archive>"))?;
        archive_one(
            &arguments.keys,
            &issuer,
            Path::new(binary),
            Path::new(archive),
        )
        .await
        .with_context(|| format!("cannot make {archive}"))?;
    }
    Ok(())
}

async fn archive_one(keys: &Path, issuer: &KeyPair, binary: &Path, archive: &Path) -> Result<()> {
    let name = archive
        .file_name()
        .and_then(|name| name.to_str()?.strip_suffix(".par.gz"))
        .context("its name does not end in .par.gz")?;
    let subject = key(keys, name, KeyPairType::Service)?;
    let program = fs::read(binary).with_context(|| format!("cannot read {}", binary.display()))?;

    let made_of = made_of(&program, issuer, &subject);
    let stamp = archive.with_extension("sha256");
    if archive.is_file() && fs::read_to_string(&stamp).is_ok_and(|kept| kept == made_of) {
        return Ok(());
    }

    if let Some(folder) = archive.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut par = ProviderArchive::new(
        name,
        VENDOR,
        None,
        Some(env!("CARGO_PKG_VERSION").to_owned()),
    );
    par.add_library(&format!("{ARCH}-{OS}"), &program)
        .map_err(plain)?;
    let draft = archive.with_file_name(format!("{name}.new.gz"));
    par.write(&draft, issuer, &subject, true)
        .await
        .map_err(plain)?;
    fs::rename(&draft, archive)?;
    fs::write(&stamp, made_of)?;
    Ok(())
}

fn plain(error: Box<dyn std::error::Error + Send + Sync>) -> anyhow::Error {
    anyhow::anyhow!(error)
}
