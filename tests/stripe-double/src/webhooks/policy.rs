//! What a test wants done to webhooks on their way: hold, duplicate, drop.
//! A policy is not kept over a restart; what it held is delivered then.

use serde::{Deserialize, Serialize};

/// What is done to deliveries from now on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Nothing is sent until it is released.
    pub hold: bool,
    /// How many times more than once each event is sent.
    pub duplicate: u32,
    /// How many of the next events are never sent.
    pub drop: u32,
    /// The event types all of this is about; empty for all.
    pub types: Vec<String>,
}

/// What is to be done with one delivery.
#[derive(Debug, PartialEq, Eq)]
pub enum Treatment {
    Send { copies: u32 },
    Hold,
    Drop,
}

impl Policy {
    /// Decides about a new delivery, counting down `drop`.
    pub fn treat(&mut self, kind: &str) -> Treatment {
        if !self.concerns(kind) {
            return Treatment::Send { copies: 1 };
        }
        if self.drop > 0 {
            self.drop -= 1;
            return Treatment::Drop;
        }
        if self.hold {
            return Treatment::Hold;
        }
        Treatment::Send {
            copies: 1 + self.duplicate,
        }
    }

    /// Whether a repeated attempt has to wait as well.
    pub fn holds(&self, kind: &str) -> bool {
        self.hold && self.concerns(kind)
    }

    fn concerns(&self, kind: &str) -> bool {
        self.types.is_empty() || self.types.iter().any(|listed| listed == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dropping_counts_down_and_comes_before_holding() {
        let mut policy = Policy {
            hold: true,
            drop: 1,
            ..Policy::default()
        };
        assert_eq!(policy.treat("a"), Treatment::Drop);
        assert_eq!(policy.treat("a"), Treatment::Hold);
    }

    #[test]
    fn only_the_listed_types_are_treated() {
        let mut policy = Policy {
            duplicate: 2,
            types: vec!["a".into()],
            ..Policy::default()
        };
        assert_eq!(policy.treat("a"), Treatment::Send { copies: 3 });
        assert_eq!(policy.treat("b"), Treatment::Send { copies: 1 });
    }
}
