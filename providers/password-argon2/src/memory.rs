//! The memory that argon2 fills, kept from one hash to the next: new pages for each cost up to a third of its time.

use argon2::{Argon2, Block};
use zeroize::Zeroize as _;

use crate::parameters::PARAMS;

/// Blocks enough for a hash that is made now.
pub struct Memory(Vec<Block>);

impl Memory {
    /// The memory, with all its pages.
    #[must_use]
    pub fn new() -> Self {
        Self::of(PARAMS.block_count())
    }

    fn of(blocks: usize) -> Self {
        // Written to, not only promised.
        Self(vec![Block::new(); blocks])
    }

    /// Computes `output`. Parameters that need more than there is get memory of their own, for this once.
    pub(crate) fn compute(
        &mut self,
        argon2: &Argon2<'_>,
        password: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), argon2::Error> {
        let needed = argon2.params().block_count();
        if needed <= self.0.len() {
            let blocks = &mut self.0[..needed];
            return argon2.hash_password_into_with_memory(password, salt, output, blocks);
        }
        let mut larger = Self::of(needed);
        let outcome = larger.compute(argon2, password, salt, output);
        larger.wipe();
        outcome
    }

    /// Wipes what a hash has left: with it, guessing the password would be cheaper. Takes about 3 ms.
    pub(crate) fn wipe(&mut self) {
        self.0.iter_mut().zeroize();
    }

    #[cfg(test)]
    pub(crate) fn is_wiped(&self) -> bool {
        let mut words = self.0.iter().flat_map(|block| block.as_ref());
        words.all(|word| *word == 0)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{Algorithm, AssociatedData, ParamsBuilder, Version};

    /// RFC 9106, 5.3.
    #[test]
    fn the_known_answer_of_the_rfc_comes_out_however_often_the_memory_is_used() {
        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let argon2 =
            Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let expected = [
            0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b,
            0x53, 0xc9, 0xd0, 0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9,
            0x6b, 0x01, 0xe6, 0x59,
        ];
        let mut memory = Memory::new();
        for _ in 0..3 {
            let mut output = [0; 32];
            memory
                .compute(&argon2, &[1; 32], &[2; 16], &mut output)
                .unwrap();
            assert_eq!(output, expected);
        }
    }

    #[test]
    fn nothing_is_left_of_what_was_wiped() {
        let mut memory = Memory::of(64);
        let params = argon2::Params::new(64, 1, 1, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut output = [0; 32];
        memory
            .compute(&argon2, b"correct horse", &[2; 16], &mut output)
            .unwrap();
        assert_ne!(output, [0; 32]);
        assert!(!memory.is_wiped());
        memory.wipe();
        assert!(memory.is_wiped());
    }
}
