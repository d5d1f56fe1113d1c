//! What is measured of our system alone: delays, costs, and whether rushes end as they should.
mod events;
mod expiry;
mod flatness;
mod many_due;
mod memory;
mod processor;
mod rebuild;
mod rush;
mod start;
mod storm;
mod under_load;
mod wait;

use std::fmt;

use serde::Serialize;

pub use events::measure as events;
pub use expiry::measure as expiry;
pub use flatness::measure as flatness;
pub use many_due::measure as many_due;
pub use memory::measure as memory;
pub use processor::measure as processor;
pub use rebuild::measure as rebuild;
pub use start::measure as start;
pub use storm::measure as storm;
pub use under_load::measure as under_load;

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    pub what: String,
    pub value: f64,
    pub unit: &'static str,
    /// What it should be, where something is aimed at.
    pub aim: Option<Aim>,
}

/// What a figure should be.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aim {
    Exactly(f64),
    AtMost(f64),
    AtLeast(f64),
}

impl Finding {
    pub fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self {
            what: what.into(),
            value,
            unit,
            aim: None,
        }
    }

    pub fn aim(mut self, aim: Aim) -> Self {
        self.aim = Some(aim);
        self
    }
}

impl Aim {
    pub fn is_met_by(self, value: f64) -> bool {
        match self {
            // Counts, which a float holds exactly.
            Self::Exactly(wanted) => (value - wanted).abs() < 0.5,
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
        }
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(wanted) => write!(f, "{wanted}"),
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::AtLeast(least) => write!(f, "at least {least}"),
        }
    }
}

/// The median and the 99th percentile of delays in milliseconds, as two findings, and what is aimed at for the latter.
fn delays(what: &str, mut milliseconds: Vec<f64>, aim: Option<Aim>) -> Vec<Finding> {
    milliseconds.sort_by(f64::total_cmp);
    [("p50", 0.50, None), ("p99", 0.99, aim)]
        .into_iter()
        .filter_map(|(name, share, aim)| {
            let value = at_share(&milliseconds, share)?;
            let finding = Finding::new(format!("{what}, {name}"), value, "ms");
            Some(Finding { aim, ..finding })
        })
        .collect()
}

/// The value that this share of `sorted` does not exceed; `None` when there is none.
fn at_share<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index into a short list"
    )]
    let place = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(place).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aim_is_met_or_not() {
        assert!(Aim::Exactly(500.0).is_met_by(500.0));
        assert!(!Aim::Exactly(500.0).is_met_by(501.0));
        assert!(Aim::AtMost(2.0).is_met_by(2.0) && !Aim::AtMost(2.0).is_met_by(2.1));
        assert!(Aim::AtLeast(2.0).is_met_by(2.0) && !Aim::AtLeast(2.0).is_met_by(1.9));
    }

    #[test]
    fn delays_are_told_by_their_median_and_their_tail() {
        let aim = Aim::AtMost(250.0);
        let found = delays("x", (0..=100).map(f64::from).collect(), Some(aim));
        let values: Vec<f64> = found.iter().map(|finding| finding.value).collect();
        assert_eq!(values, [50.0, 99.0]);
        assert!(found[0].aim.is_none() && found[1].aim.is_some());
        assert!(delays("x", Vec::new(), Some(aim)).is_empty());
    }
}
