//! A hash as it is kept: a PHC string of argon2id.

use argon2::password_hash::{Output, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Params, Version};

use crate::error::HashError;
use crate::parameters::{
    LEAST_SALT_BYTES, MOST_LANES, MOST_MEMORY_KIB, MOST_WORK_KIB, PARAMS, SALT_BYTES, VERSION,
};

/// What a password is compared with, and how that has to be computed.
#[derive(Clone, Debug)]
pub struct Stored {
    pub(crate) version: Version,
    pub(crate) params: Params,
    pub(crate) salt: Vec<u8>,
    /// Compared in constant time.
    pub(crate) output: Output,
}

impl Stored {
    /// Reads a PHC string. Its parameters are honoured as long as they are within bounds.
    ///
    /// # Errors
    /// [`HashError::InvalidHash`], which says why, and nothing of the hash.
    pub fn parse(phc: &str) -> Result<Self, HashError> {
        let hash = PasswordHash::new(phc).map_err(HashError::invalid)?;
        if hash.algorithm != ARGON2ID_IDENT {
            return Err(HashError::invalid("the algorithm is not argon2id"));
        }
        let version = match hash.version {
            Some(version) => Version::try_from(version).map_err(HashError::invalid)?,
            None => VERSION,
        };
        let output = hash
            .hash
            .ok_or_else(|| HashError::invalid("it has no hash"))?;
        let params = params(&hash, output.len())?;
        let mut salt = [0; Salt::MAX_LENGTH];
        let salt = hash
            .salt
            .ok_or_else(|| HashError::invalid("it has no salt"))?
            .decode_b64(&mut salt)
            .map_err(HashError::invalid)?;
        if salt.len() < LEAST_SALT_BYTES {
            return Err(HashError::invalid("the salt is too short"));
        }
        Ok(Self {
            version,
            params,
            salt: salt.to_owned(),
            output,
        })
    }

    /// A hash for an account that does not exist, at the parameters of those that are made now.
    ///
    /// # Errors
    /// None that could be met.
    pub fn nobodys() -> Result<Self, HashError> {
        Ok(Self {
            version: VERSION,
            params: PARAMS,
            salt: vec![0; SALT_BYTES],
            output: Output::new(&[0; Params::DEFAULT_OUTPUT_LEN]).map_err(HashError::failed)?,
        })
    }
}

/// The parameters `m`, `t` and `p`; each once, no others, none beyond the bounds.
fn params(hash: &PasswordHash<'_>, output_len: usize) -> Result<Params, HashError> {
    let (mut memory, mut passes, mut lanes) = (None, None, None);
    for (name, value) in hash.params.iter() {
        let number = match name.as_str() {
            "m" => &mut memory,
            "t" => &mut passes,
            "p" => &mut lanes,
            _ => return Err(HashError::invalid("it has a parameter besides m, t and p")),
        };
        if number.is_some() {
            return Err(HashError::invalid("it has a parameter twice"));
        }
        *number = Some(value.decimal().map_err(HashError::invalid)?);
    }
    let (Some(memory), Some(passes), Some(lanes)) = (memory, passes, lanes) else {
        return Err(HashError::invalid(
            "one of the parameters m, t and p is missing",
        ));
    };
    let work = u64::from(memory) * u64::from(passes);
    // Before argon2 sees them: it multiplies lanes without a look.
    if memory > MOST_MEMORY_KIB || lanes > MOST_LANES || work > MOST_WORK_KIB {
        return Err(HashError::invalid("it would take too much to compute"));
    }
    Params::new(memory, passes, lanes, Some(output_len)).map_err(HashError::invalid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &str = "AAAAAAAAAAAAAAAAAAAAAA";
    const OUTPUT: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn with(params: &str) -> Result<Stored, HashError> {
        Stored::parse(&format!("$argon2id$v=19${params}${SALT}${OUTPUT}"))
    }

    fn refused(outcome: Result<Stored, HashError>) -> String {
        match outcome {
            Err(HashError::InvalidHash(reason)) => reason,
            other => panic!("not refused: {other:?}"),
        }
    }

    #[test]
    fn a_hash_says_how_it_was_made() {
        let stored = with("m=12288,t=3,p=1").unwrap();
        assert_eq!(stored.params.m_cost(), 12_288);
        assert_eq!(stored.params.t_cost(), 3);
        assert_eq!(stored.params.p_cost(), 1);
        assert_eq!(stored.salt, [0; 16]);
        assert_eq!(stored.output.len(), 32);
    }

    #[test]
    fn every_recommendation_of_owasp_and_the_smaller_one_of_the_rfc_is_honoured() {
        for params in [
            "m=47104,t=1,p=1",
            "m=19456,t=2,p=1",
            "m=12288,t=3,p=1",
            "m=9216,t=4,p=1",
            "m=7168,t=5,p=1",
            "m=65536,t=3,p=4",
        ] {
            assert!(with(params).is_ok(), "{params}");
        }
    }

    #[test]
    fn a_hash_cannot_take_the_machine() {
        for params in [
            "m=65537,t=1,p=1",
            "m=4294967295,t=1,p=1",
            "m=65536,t=4,p=1",
            "m=19456,t=4294967295,p=1",
            "m=65536,t=1,p=5",
            "m=65536,t=1,p=536870912",
        ] {
            assert_eq!(refused(with(params)), "it would take too much to compute");
        }
    }

    #[test]
    fn parameters_are_each_there_once_and_make_sense() {
        for params in [
            "m=19456,t=2",
            "m=19456,p=1,t=2,keyid=AAAA",
            "m=7,t=1,p=1",
            "m=16,t=1,p=4",
            "m=19456,t=0,p=1",
            "m=19456,t=1,p=0",
            "m=x,t=1,p=1",
            "m=-1,t=1,p=1",
            "m=19456,m=8,t=1,p=1",
        ] {
            refused(with(params));
        }
    }

    #[test]
    fn what_is_no_argon2id_hash_is_refused_and_not_repeated() {
        for phc in [
            "",
            "plain text",
            "$argon2id",
            "$argon2id$v=19$m=19456,t=2,p=1",
            "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=20$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$argon2id$v=19$m=8,t=1,p=1$AAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "$2b$12$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            let reason = refused(Stored::parse(phc));
            assert!(!reason.contains("AAAA"), "{reason}");
        }
    }
}
