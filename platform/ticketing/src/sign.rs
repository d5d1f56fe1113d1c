//! Signs components: a host proves with the claims inside whose secrets it asks for. `wash build` does the same with
//! the same keys. A component is signed again only when it or its key has changed, or somebody has built over it.
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use nkeys::{KeyPair, KeyPairType};
use wascap::wasm::sign_buffer_with_claims;

use crate::cli::Sign;
use crate::signing_key::{hex, issuer, key, made_of};

/// Signs every component that is not up to date.
///
/// # Errors
/// When one cannot be read or is none, or a key or what is signed cannot be written.
pub fn run(arguments: &Sign) -> Result<()> {
    let issuer = issuer(&arguments.keys)?;
    for pair in &arguments.components {
        let (built, signed) = pair
            .split_once('=')
            .with_context(|| format!("{pair:?} is not <built>=<signed>"))?;
        sign(
            &arguments.keys,
            &issuer,
            Path::new(built),
            Path::new(signed),
        )
        .with_context(|| format!("cannot make {signed}"))?;
    }
    Ok(())
}

fn sign(keys: &Path, issuer: &KeyPair, built: &Path, signed: &Path) -> Result<()> {
    let name = signed
        .file_name()
        .and_then(|name| name.to_str()?.strip_suffix("_s.wasm"))
        .context("its name does not end in _s.wasm")?;
    // As `wash` names it.
    let subject = key(keys, &format!("{name}_module"), KeyPairType::Module)?;
    let component = fs::read(built).with_context(|| format!("cannot read {}", built.display()))?;

    let made_of = made_of(&component, issuer, &subject);
    let stamp = signed.with_extension("sha256");
    let is_current = || {
        let present = fs::read(signed).ok()?;
        let kept = fs::read_to_string(&stamp).ok()?;
        Some(kept == format!("{made_of} {}", hex(&[&present])))
    };
    if is_current() == Some(true) {
        return Ok(());
    }

    let bytes = sign_buffer_with_claims(
        name.to_owned(),
        &component,
        &subject,
        issuer,
        None,
        None,
        Vec::new(),
        false,
        None,
        Some(env!("CARGO_PKG_VERSION").to_owned()),
        None,
    )
    .map_err(|error| anyhow::anyhow!("{}: {error}", built.display()))?;
    if let Some(folder) = signed.parent() {
        fs::create_dir_all(folder)?;
    }
    // As a whole, so that who reads it meanwhile reads one or the other.
    let draft = signed.with_extension("new");
    fs::write(&draft, &bytes)?;
    fs::rename(&draft, signed)?;
    fs::write(&stamp, format!("{made_of} {}", hex(&[&bytes])))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// The smallest component: a preamble.
    const COMPONENT: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];

    #[test]
    fn a_component_is_signed_once_and_again_after_somebody_has_built_over_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let (built, signed) = (
            folder.path().join("orders.wasm"),
            folder.path().join("orders_s.wasm"),
        );
        fs::write(&built, COMPONENT).expect("written");
        let arguments = Sign {
            keys: folder.path().join("keys"),
            components: vec![format!("{}={}", built.display(), signed.display())],
        };
        let long_ago = SystemTime::UNIX_EPOCH;
        let subject = || {
            run(&arguments).expect("signed");
            let bytes = fs::read(&signed).expect("written");
            let token = wascap::wasm::extract_claims(bytes).expect("a component");
            token.expect("claims").claims.subject
        };

        let first = subject();
        let file = fs::File::options().append(true).open(&signed);
        file.and_then(|file| file.set_modified(long_ago))
            .expect("set");
        assert_eq!(subject(), first);
        let modified = fs::metadata(&signed).and_then(|about| about.modified());
        assert_eq!(modified.expect("known"), long_ago);

        fs::write(&signed, COMPONENT).expect("written");
        assert_eq!(subject(), first);
    }
}
