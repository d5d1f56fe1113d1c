//! Random bytes from the host: `wasi:random` in a component.

use crate::AuthError;

/// `N` random bytes, fit for secrets.
///
/// # Errors
/// [`AuthError::Random`] when the host has none.
pub fn random<const N: usize>() -> Result<[u8; N], AuthError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| AuthError::Random(error.to_string()))?;
    Ok(bytes)
}
