//! What becomes of a message after an attempt to handle it: the rule, apart from any I/O.

use std::time::Duration;

use jetstream_kit::doubled;

use crate::failures::Count;
use crate::handler::Failure;

/// The handler's way to say that it will never be able to handle this event.
const PERMANENT: &str = "permanent:";

/// While the component answers nobody, every message waits this long: growing delays would only
/// postpone the recovery, and the outage itself limits how many are tried.
const OUTAGE_DELAY: Duration = Duration::from_secs(1);

/// When a message is tried again and when it is given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryRules {
    /// Refusals by the handler after which a message is given up.
    pub max_deliver: u32,
    /// The delay after the first failure; it doubles with each further one.
    pub delay: Duration,
    /// The longest delay.
    pub delay_max: Duration,
}

/// What becomes of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is handled.
    Acknowledge,
    /// It is delivered again after this delay.
    Retry(Duration),
    /// It is given up, for this reason.
    GiveUp(String),
}

impl RetryRules {
    /// Decides about a message. `count` includes this attempt; `outage` says that the component has
    /// answered nobody lately.
    pub(crate) fn verdict(
        &self,
        outcome: Result<(), Failure>,
        count: Count,
        outage: bool,
    ) -> Verdict {
        match outcome {
            Ok(()) => Verdict::Acknowledge,
            Err(Failure::Refused(reason)) if reason.starts_with(PERMANENT) => {
                Verdict::GiveUp(reason)
            }
            Err(Failure::Refused(reason)) if count.refused >= self.max_deliver => {
                Verdict::GiveUp(reason)
            }
            Err(Failure::Refused(_)) => Verdict::Retry(self.delay_after(count.refused)),
            Err(Failure::Unanswered { .. }) if outage => {
                Verdict::Retry(OUTAGE_DELAY.min(self.delay_max))
            }
            Err(Failure::Unanswered { .. }) => Verdict::Retry(self.delay_after(count.unanswered)),
        }
    }

    /// The delay after the `n`th failure.
    pub(crate) fn delay_after(&self, n: u32) -> Duration {
        doubled(self.delay, n.saturating_sub(1), self.delay_max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: RetryRules = RetryRules {
        max_deliver: 3,
        delay: Duration::from_millis(250),
        delay_max: Duration::from_secs(30),
    };

    fn refused(times: u32, reason: &str) -> Verdict {
        let count = Count {
            refused: times,
            unanswered: 0,
        };
        RULES.verdict(Err(Failure::Refused(reason.into())), count, false)
    }

    fn unanswered(times: u32, outage: bool) -> Verdict {
        let count = Count {
            refused: 0,
            unanswered: times,
        };
        RULES.verdict(
            Err(Failure::Unanswered {
                why: "no responders".into(),
                is_counted: false,
            }),
            count,
            outage,
        )
    }

    #[test]
    fn what_is_handled_is_acknowledged() {
        assert_eq!(
            RULES.verdict(Ok(()), Count::default(), false),
            Verdict::Acknowledge
        );
    }

    #[test]
    fn a_refused_message_is_tried_again_with_growing_delay() {
        assert_eq!(
            refused(1, "08006: down"),
            Verdict::Retry(Duration::from_millis(250))
        );
        assert_eq!(
            refused(2, "08006: down"),
            Verdict::Retry(Duration::from_millis(500))
        );
    }

    #[test]
    fn the_last_refusal_gives_it_up() {
        assert_eq!(
            refused(3, "08006: down"),
            Verdict::GiveUp("08006: down".into())
        );
    }

    #[test]
    fn a_permanent_refusal_gives_it_up_at_once() {
        assert_eq!(
            refused(1, "permanent: not JSON"),
            Verdict::GiveUp("permanent: not JSON".into())
        );
    }

    #[test]
    fn an_unanswered_message_is_never_given_up() {
        assert_eq!(
            unanswered(1, false),
            Verdict::Retry(Duration::from_millis(250))
        );
        assert_eq!(
            unanswered(1000, false),
            Verdict::Retry(Duration::from_secs(30))
        );
    }

    #[test]
    fn during_an_outage_delays_do_not_grow() {
        assert_eq!(unanswered(1000, true), Verdict::Retry(OUTAGE_DELAY));
    }
}
