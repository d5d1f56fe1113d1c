//! The keys of auth: the private one signs, the public ones verify, as everywhere else.

use edge::{ConfigError, required, secret};
use kit::{KeyError, Signer, Verifier};

const PRIVATE: &str = "SESSION_PRIVATE_KEY";
const PUBLIC: &str = "SESSION_PUBLIC_KEYS";

pub fn signer() -> Result<Signer, ConfigError> {
    Signer::from_seed(&secret(PRIVATE)?).map_err(malformed_private_key)
}

pub fn verifier() -> Result<Verifier, ConfigError> {
    Verifier::from_public_keys(&required(PUBLIC)?)
        .map_err(|error| ConfigError::malformed(PUBLIC, error))
}

pub fn malformed_private_key(error: KeyError) -> ConfigError {
    ConfigError::malformed(PRIVATE, error)
}
