//! Object ids in Stripe's form: a prefix and random letters and digits.
//! Nothing may read meaning into what follows the prefix.

use rand::Rng;
use rand::distr::Alphanumeric;

/// A new id such as `pi_3kTz…`.
pub fn new(prefix: &str) -> String {
    format!("{prefix}_{}", random(24))
}

/// Random letters and digits.
pub fn random(length: usize) -> String {
    rand::rng()
        .sample_iter(Alphanumeric)
        .take(length)
        .map(char::from)
        .collect()
}
