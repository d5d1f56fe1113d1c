//! The six promises, each a function from evidence to what broke it.
mod deadlines;
mod lost;
mod money;
mod oversell;
mod recovery;
mod same_state;

use crate::{Evidence, Violation};

/// Judges all of them.
#[must_use]
pub fn judge(evidence: &Evidence) -> Vec<Violation> {
    [
        oversell::judge,
        money::judge,
        lost::judge,
        same_state::judge,
        deadlines::judge,
        recovery::judge,
    ]
    .into_iter()
    .flat_map(|promise| promise(evidence))
    .collect()
}
