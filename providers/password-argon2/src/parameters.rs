//! What a hash costs: one that is made now, and at most one that is verified.

use argon2::{Algorithm, Params, Version};

pub const ALGORITHM: Algorithm = Algorithm::Argon2id;
pub const VERSION: Version = Version::V0x13;

/// What OWASP's Password Storage Cheat Sheet gives for argon2id
/// (<https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html>): 19 MiB, two passes over them, one
/// lane; and a hash of 32 bytes. A hash names its parameters, so they can be raised and older hashes still be verified.
pub const PARAMS: Params = match Params::new(19 * 1024, 2, 1, Some(32)) {
    Ok(params) => params,
    Err(_) => panic!("argon2 takes these"),
};

/// Bytes of salt, as RFC 9106 recommends.
pub const SALT_BYTES: usize = 16;

/// Bytes of salt that argon2 needs.
pub const LEAST_SALT_BYTES: usize = argon2::MIN_SALT_LEN;

/// The most memory that a hash may ask for, in KiB. This and the next two are RFC 9106's second recommendation, which is more
/// than any that OWASP gives: a stored hash decides what is computed, and must not take the machine.
pub const MOST_MEMORY_KIB: u32 = 64 * 1024;

/// The most lanes. They are computed one after the other.
pub const MOST_LANES: u32 = 4;

/// The most work, in KiB that are computed: memory times passes.
pub const MOST_WORK_KIB: u64 = 3 * MOST_MEMORY_KIB as u64;
