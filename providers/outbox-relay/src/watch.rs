//! When a relay looks into its outbox.
//!
//! Asleep, it is notified of new rows. A notification is not free for who writes: Postgres lets all transactions of a server
//! that notify commit one after the other, and each waits for the disk. So while rows come faster than it moves them a relay is
//! awake: it looks every few milliseconds, and nobody notifies it.

use std::time::{Duration, Instant};

use crate::outbox::{Outbox, OutboxError};

/// How long rows are gathered between two looks of a relay that is awake.
const GATHER: Duration = Duration::from_millis(10);

/// How long a relay stays awake that finds nothing.
const VIGIL: Duration = Duration::from_millis(100);

/// The rhythm of one relay.
pub(crate) struct Watch<'a> {
    outbox: &'a Outbox,
    poll: Duration,
    state: State,
}

enum State {
    Awake {
        found: Instant,
    },
    /// Looks after `pause` when nobody notifies: soon after it was awake, or tried to be, since who wrote then may commit only
    /// now; after `poll` in the end.
    Asleep {
        pause: Duration,
    },
}

impl<'a> Watch<'a> {
    /// Of a relay that is asleep, and looks every `poll` without a notification.
    pub(crate) fn new(outbox: &'a Outbox, poll: Duration) -> Self {
        let state = State::Asleep { pause: poll };
        Self {
            outbox,
            poll,
            state,
        }
    }

    /// Waits until it is time for another look. The last one has `found` rows, or none.
    pub(crate) async fn rest(&mut self, found: bool) -> Result<(), OutboxError> {
        match &mut self.state {
            State::Awake { found: last } => {
                if found {
                    *last = Instant::now();
                }
                if last.elapsed() < VIGIL {
                    return self.outbox.pause(GATHER).await;
                }
                self.outbox.fall_asleep().await?;
                // The next look is at once: what was committed up to now was not notified of.
                self.state = State::Asleep { pause: GATHER };
                Ok(())
            }
            State::Asleep { pause } => {
                let is_behind = self.outbox.wait(*pause).await?;
                *pause = (*pause * 2).min(self.poll);
                if is_behind {
                    self.state = if self.outbox.stay_awake().await? {
                        let found = Instant::now();
                        State::Awake { found }
                    } else {
                        // Whoever wrote while it tried believes it to be awake, too.
                        State::Asleep { pause: GATHER }
                    };
                }
                Ok(())
            }
        }
    }
}
