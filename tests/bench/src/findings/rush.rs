//! Thousands of people who order at the same moment, and what each of them is told.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures::future::{join_all, try_join_all};
use http::StatusCode;

use super::at_share;
use crate::client::{Answer, Visitor};

/// Connections are made so many at a time, as more would not fit into the queue of a listening socket.
const CONNECT_AT_ONCE: usize = 200;

/// What became of a rush.
pub struct Rush {
    /// Who was told that they have a ticket.
    pub sold: usize,
    /// Who was told that somebody else has it.
    pub refused: usize,
    /// What else people were told, how often.
    pub neither: BTreeMap<String, usize>,
    /// From the start until somebody was told, whatever it was, in order.
    waits: Vec<Duration>,
}

impl Rush {
    /// Lets everybody order one of `tickets`, each of which as many want as any other.
    ///
    /// # Errors
    /// When so many connections cannot be opened.
    pub async fn of(mut buyers: Vec<Visitor>, tickets: &[String]) -> Result<Self> {
        for some in buyers.chunks_mut(CONNECT_AT_ONCE) {
            let connecting = some.iter_mut().map(|buyer| buyer.connection().connect());
            try_join_all(connecting)
                .await
                .context("opening thousands of connections (see `ulimit -n`)")?;
        }
        let started = Instant::now();
        let ordering = buyers.iter_mut().enumerate().map(async |(place, buyer)| {
            let answer = buyer.order(&tickets[place % tickets.len()]).await;
            // Others wait to be let in.
            buyer.connection().close();
            (answer, started.elapsed())
        });
        let told = join_all(ordering).await;
        let mut rush = Self {
            sold: 0,
            refused: 0,
            neither: BTreeMap::new(),
            waits: told.iter().map(|(_, wait)| *wait).collect(),
        };
        rush.waits.sort();
        for (answer, _) in told {
            rush.count(answer);
        }
        Ok(rush)
    }

    fn count(&mut self, answer: Result<Answer>) {
        let what = match answer {
            Ok(answer) if answer.status == StatusCode::CREATED => {
                self.sold += 1;
                return;
            }
            Ok(answer) if is_refusal(&answer) => {
                self.refused += 1;
                return;
            }
            Ok(answer) => answer.summary(),
            Err(error) => format!("{error:#}"),
        };
        *self.neither.entry(what).or_default() += 1;
    }

    /// How many were told neither.
    pub fn left_alone(&self) -> usize {
        self.neither.values().sum()
    }

    /// Seconds until this share of all had been told.
    pub fn told_after(&self, share: f64) -> f64 {
        at_share(&self.waits, share).map_or(0.0, |wait| wait.as_secs_f64())
    }
}

fn is_refusal(answer: &Answer) -> bool {
    answer.status == StatusCode::BAD_REQUEST && answer.summary().contains("already reserved")
}
