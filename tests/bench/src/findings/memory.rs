//! The memory of every process while a sale is on, at its highest.
use std::time::Duration;

use anyhow::{Context as _, Result};
use e2e::Lattice;
use tokio::time::sleep;

use super::{Aim, Finding};
use crate::contest::{Plan, compare};
use crate::phases::Mixed;
use crate::processes::{ByPart, POSTGRES, memory};
use crate::system::System;

/// What all but the database may hold together, in megabytes.
const AIM: f64 = 700.0;
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Looks at a lattice under load.
///
/// # Errors
/// When it does not run, or the load fails.
pub async fn measure(lattice: &Lattice, shop: &mut System, plan: Plan) -> Result<Vec<Finding>> {
    let up = lattice.pid().context("the lattice does not run")?;
    let plan = Plan { rounds: 1, ..plan };
    let mut highest = ByPart::new();
    {
        let mut load = std::pin::pin!(compare::<Mixed>(shop, None, plan));
        loop {
            tokio::select! {
                ended = &mut load => { ended?; break }
                () = sleep(LOOK_EVERY) => {
                    let now = memory(up);
                    if total(&now) > total(&highest) {
                        highest = now;
                    }
                }
            }
        }
    }
    let mut found: Vec<Finding> = highest
        .iter()
        .map(|(part, bytes)| Finding::new(format!("memory of {part}"), megabytes(*bytes), "MB"))
        .collect();
    let all = Finding::new(
        "memory of all but Postgres",
        megabytes(total(&highest)),
        "MB",
    );
    found.push(all.aim(Aim::AtMost(AIM)));
    Ok(found)
}

/// All but the database.
fn total(parts: &ByPart<u64>) -> u64 {
    parts
        .iter()
        .filter(|(part, _)| part.as_str() != POSTGRES)
        .map(|(_, bytes)| bytes)
        .sum()
}

fn megabytes(bytes: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no machine has 2^52 bytes")]
    let bytes = bytes as f64;
    bytes / 1e6
}
