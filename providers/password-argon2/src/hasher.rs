//! Making a hash of a password, and comparing a password with one.

use argon2::Argon2;
use argon2::password_hash::{Output, ParamsString, PasswordHash, SaltString};

use crate::error::HashError;
use crate::memory::Memory;
use crate::parameters::{ALGORITHM, PARAMS, SALT_BYTES, VERSION};
use crate::stored::Stored;

/// The hash of `password` with a salt of its own, as a PHC string.
///
/// # Errors
/// [`HashError::Failed`] when the system has no random bytes.
pub fn hash(password: &str, memory: &mut Memory) -> Result<String, HashError> {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(HashError::failed)?;
    let argon2 = Argon2::new(ALGORITHM, VERSION, PARAMS);
    let output = output(&argon2, password, &salt, memory)?;
    let salt = SaltString::encode_b64(&salt).map_err(HashError::failed)?;
    let hash = PasswordHash {
        algorithm: ALGORITHM.ident(),
        version: Some(VERSION.into()),
        params: ParamsString::try_from(&PARAMS).map_err(HashError::failed)?,
        salt: Some(salt.as_salt()),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

/// Whether `stored` was made of `password`.
///
/// # Errors
/// [`HashError::Failed`].
pub fn verify(password: &str, stored: &Stored, memory: &mut Memory) -> Result<bool, HashError> {
    let argon2 = Argon2::new(ALGORITHM, stored.version, stored.params.clone());
    let output = output(&argon2, password, &stored.salt, memory)?;
    Ok(output == stored.output)
}

fn output(
    argon2: &Argon2<'_>,
    password: &str,
    salt: &[u8],
    memory: &mut Memory,
) -> Result<Output, HashError> {
    let length = argon2
        .params()
        .output_len()
        .unwrap_or(argon2::Params::DEFAULT_OUTPUT_LEN);
    Output::init_with(length, |output| {
        let computed = memory.compute(argon2, password.as_bytes(), salt, output);
        computed.map_err(Into::into)
    })
    .map_err(HashError::failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{PasswordHasher as _, PasswordVerifier as _};

    fn verifies(password: &str, phc: &str) -> bool {
        verify(password, &Stored::parse(phc).unwrap(), &mut Memory::new()).unwrap()
    }

    /// Answers of the reference implementation (`src/test.c` of P-H-C/phc-winner-argon2).
    #[test]
    fn hashes_of_the_reference_implementation_are_verified() {
        for phc in [
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
            // More than a worker has at hand.
            "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ] {
            assert!(verifies("password", phc), "{phc}");
            assert!(!verifies("Password", phc), "{phc}");
        }
    }

    #[test]
    fn a_hash_is_verified_by_its_password_only() {
        let mut memory = Memory::new();
        let phc = hash("correct horse", &mut memory).unwrap();
        let stored = Stored::parse(&phc).unwrap();
        assert!(verify("correct horse", &stored, &mut memory).unwrap());
        assert!(!verify("correct horsf", &stored, &mut memory).unwrap());
        assert!(!verify("", &stored, &mut memory).unwrap());
    }

    #[test]
    fn equal_passwords_have_different_hashes() {
        let mut memory = Memory::new();
        assert_ne!(
            hash("correct horse", &mut memory).unwrap(),
            hash("correct horse", &mut memory).unwrap()
        );
    }

    #[test]
    fn others_read_our_hashes_and_we_theirs() {
        let ours = hash("correct horse", &mut Memory::new()).unwrap();
        let parsed = PasswordHash::new(&ours).unwrap();
        assert!(
            Argon2::default()
                .verify_password(b"correct horse", &parsed)
                .is_ok()
        );

        let salt = SaltString::encode_b64(&[7; SALT_BYTES]).unwrap();
        let theirs = Argon2::new(ALGORITHM, VERSION, PARAMS)
            .hash_password(b"correct horse", &salt)
            .unwrap()
            .to_string();
        assert!(theirs.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verifies("correct horse", &theirs));
        let parameters = |phc: &str| phc.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(&ours), parameters(&theirs));
    }

    #[test]
    fn nobodys_hash_costs_what_a_new_one_costs_and_is_of_no_password() {
        let nobodys = Stored::nobodys().unwrap();
        let made = Stored::parse(&hash("correct horse", &mut Memory::new()).unwrap()).unwrap();
        assert_eq!(nobodys.params, made.params);
        assert_eq!(nobodys.salt.len(), made.salt.len());
        assert!(!verify("correct horse", &nobodys, &mut Memory::new()).unwrap());
    }
}
