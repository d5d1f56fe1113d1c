//! Which faults befall the shop, and when: drawn from the seed alone, never from what happens.
use std::time::Duration;

use e2e::faults::{Fault, Part, Strike};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

/// The faults of a seed, without an end.
#[derive(Debug)]
pub struct Schedule(StdRng);

/// A fault that is to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Planned {
    /// Counted from the recovery from the one before.
    pub after: Duration,
    /// What is done to what.
    pub fault: Fault,
    /// How long a pause or a cut lasts.
    pub lasts: Duration,
}

impl Schedule {
    /// Of a seed.
    pub fn new(seed: u64) -> Self {
        Self(StdRng::seed_from_u64(seed))
    }
}

impl Iterator for Schedule {
    type Item = Planned;

    fn next(&mut self) -> Option<Planned> {
        let random = &mut self.0;
        let part = Part::ALL[random.random_range(0..Part::ALL.len())];
        let mut strike = Strike::ALL[random.random_range(0..Strike::ALL.len())];
        // Stripe is not connected to anything of the lattice's.
        if part == Part::Stripe && matches!(strike, Strike::Refuse | Strike::Stall) {
            strike = Strike::Pause;
        }
        Some(Planned {
            after: Duration::from_millis(random.random_range(200..4000)),
            fault: Fault { part, strike },
            lasts: Duration::from_millis(random.random_range(300..6000)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_faults() {
        let draw = |seed| Schedule::new(seed).take(200).collect::<Vec<_>>();
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn every_part_is_struck_in_every_way() {
        let mut drawn: Vec<_> = Schedule::new(1)
            .take(2000)
            .map(|planned| planned.fault.to_string())
            .collect();
        drawn.sort();
        drawn.dedup();
        assert_eq!(drawn.len(), Part::ALL.len() * Strike::ALL.len() - 2);
    }
}
