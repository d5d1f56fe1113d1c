//! The comparison: one phase after the other, and in each of them the systems take turns, so that what else the
//! machine does meets them alike.
use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::load::{Turn, turn};
use crate::phases::Phase;
use crate::system::System;

/// How a contest is run.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub rounds: usize,
    /// Of each turn.
    pub duration: Duration,
}

/// What one turn showed.
#[derive(Clone, Debug, Serialize)]
pub struct Score {
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub done: u64,
    pub failed: u64,
    /// What went wrong, how often.
    pub errors: BTreeMap<String, u64>,
    /// From the last action to its last effect elsewhere.
    pub settled_after_ms: f64,
}

/// What one phase showed: the turns of each system, and how they compare.
#[derive(Debug, Serialize)]
pub struct Comparison {
    pub phase: &'static str,
    pub target: f64,
    pub shop: Vec<Score>,
    pub peer: Vec<Score>,
    /// Absent without a peer.
    pub ratio: Option<Ratio>,
}

/// Our rate as a multiple of the peer's, over the rounds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Ratio {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

/// What the first turn of a system is stocked for; later turns go by the one before.
const FIRST_GUESS_PER_SECOND: f64 = 300.0;
/// A stock that runs out cuts a turn short; this much more than the last rate is prepared.
const RESERVE: f64 = 1.4;

/// Lets the systems take turns at a phase.
///
/// # Errors
/// When a stock cannot be prepared, or events do not settle.
pub async fn compare<P: Phase>(
    shop: &mut System,
    mut peer: Option<&mut System>,
    plan: Plan,
) -> Result<Comparison> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..plan.rounds {
        // Whoever goes first finds the machine as the round before has left it.
        if round % 2 == 0 {
            ours.push(score::<P>(shop, ours.last(), plan).await?);
        }
        if let Some(peer) = &mut peer {
            theirs.push(score::<P>(peer, theirs.last(), plan).await?);
        }
        if round % 2 == 1 {
            ours.push(score::<P>(shop, ours.last(), plan).await?);
        }
    }
    Ok(Comparison {
        phase: P::NAME,
        target: P::TARGET,
        ratio: Ratio::of(&ours, &theirs),
        shop: ours,
        peer: theirs,
    })
}

async fn score<P: Phase>(system: &mut System, before: Option<&Score>, plan: Plan) -> Result<Score> {
    let expected = before.map_or(FIRST_GUESS_PER_SECOND, |score| score.per_second);
    let actions = expected * RESERVE * (plan.duration.as_secs_f64() + 0.5);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number of actions"
    )]
    let actions = actions.ceil() as usize;
    let what = || format!("{} of the {}", P::NAME, system.name);
    let failed = what();
    let score = async {
        system.crowd.refresh().await?;
        let stock = P::stock(&mut system.crowd, actions).await?;
        turn::<P>(&mut system.crowd, &stock, plan.duration).await
    };
    let turn = score.await.context(failed)?;
    eprintln!("{:>13} {:<5} {:>8.0}/s", P::NAME, system.name, turn.rate());
    Ok(Score::from(turn))
}

impl From<Turn> for Score {
    fn from(turn: Turn) -> Self {
        Self {
            per_second: turn.rate(),
            p50_ms: turn.milliseconds(0.5),
            p99_ms: turn.milliseconds(0.99),
            done: turn.done,
            failed: turn.failed(),
            settled_after_ms: turn.settled_after.as_secs_f64() * 1000.0,
            errors: turn.errors,
        }
    }
}

impl Ratio {
    /// Round by round; `None` when there are none to compare.
    fn of(ours: &[Score], theirs: &[Score]) -> Option<Self> {
        let ratios: Vec<f64> = ours
            .iter()
            .zip(theirs)
            .map(|(ours, theirs)| ours.per_second / theirs.per_second)
            .filter(|ratio| ratio.is_finite())
            .collect();
        Some(Self {
            median: median(&ratios)?,
            least: ratios.iter().copied().reduce(f64::min)?,
            most: ratios.iter().copied().reduce(f64::max)?,
        })
    }
}

/// The middle of the values; of two in the middle their mean.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = *sorted.get(sorted.len() / 2)?;
    let lower = *sorted.get((sorted.len() - 1) / 2)?;
    Some(f64::midpoint(lower, upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[3.0]), Some(3.0));
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    fn scores(rates: &[f64]) -> Vec<Score> {
        rates
            .iter()
            .map(|&per_second| Score {
                per_second,
                p50_ms: 0.0,
                p99_ms: 0.0,
                done: 0,
                failed: 0,
                errors: BTreeMap::new(),
                settled_after_ms: 0.0,
            })
            .collect()
    }

    #[test]
    fn a_ratio_compares_round_by_round() {
        let ratio = Ratio::of(&scores(&[20.0, 30.0, 90.0]), &scores(&[10.0, 10.0, 30.0]));
        let ratio = ratio.unwrap();
        assert_eq!((ratio.least, ratio.median, ratio.most), (2.0, 3.0, 3.0));
        assert!(Ratio::of(&scores(&[20.0]), &[]).is_none());
    }
}
