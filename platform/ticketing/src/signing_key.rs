//! The keys that sign artifacts: an artifact's identity is that of its key, and must be the same after every build.
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use nkeys::{KeyPair, KeyPairType};
use sha2::{Digest as _, Sha256};

/// The account that all artifacts are issued by.
///
/// # Errors
/// When the key cannot be read or made.
pub fn issuer(keys: &Path) -> Result<KeyPair> {
    key(keys, "issuer", KeyPairType::Account)
}

/// The key pair in `<keys>/<name>.nk`, made when missing.
///
/// # Errors
/// When it cannot be read or made.
pub fn key(keys: &Path, name: &str, kind: KeyPairType) -> Result<KeyPair> {
    let path = keys.join(format!("{name}.nk"));
    let failed = || format!("cannot keep a signing key in {}", path.display());
    match fs::read_to_string(&path) {
        Ok(seed) => KeyPair::from_seed(seed.trim())
            .with_context(|| format!("{} holds no key", path.display())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            fs::create_dir_all(keys).with_context(failed)?;
            let pair = KeyPair::new(kind);
            let seed = pair.seed().with_context(failed)?;
            fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)
                // Without an end of line, with which `wash` could not read it.
                .and_then(|mut file| write!(file, "{seed}"))
                .with_context(failed)?;
            Ok(pair)
        }
        Err(error) => Err(error).with_context(failed),
    }
}

/// What a signed artifact is made of, as a SHA-256 in hexadecimal digits: the same again is not made again.
pub fn made_of(content: &[u8], issuer: &KeyPair, subject: &KeyPair) -> String {
    hex(&[
        content,
        issuer.public_key().as_bytes(),
        subject.public_key().as_bytes(),
    ])
}

/// The SHA-256 of all parts, one after the other, in hexadecimal digits.
pub fn hex(parts: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part);
    }
    let digest = digest.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
