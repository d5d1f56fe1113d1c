//! The processor time that one purchase costs, events and all, and which part of the system takes it.
use anyhow::{Context as _, Result};
use e2e::Lattice;

use super::Finding;
use crate::contest::{Plan, compare};
use crate::phases::Purchase;
use crate::processes::{between, processor_time};
use crate::system::System;

/// Adds up what a lattice uses during purchases.
///
/// # Errors
/// When it does not run, or a purchase fails.
pub async fn measure(lattice: &Lattice, shop: &mut System, plan: Plan) -> Result<Vec<Finding>> {
    let up = lattice.pid().context("the lattice does not run")?;
    let plan = Plan { rounds: 1, ..plan };
    let before = processor_time(up);
    let comparison = compare::<Purchase>(shop, None, plan).await?;
    let used = between(&before, &processor_time(up));
    let turn = comparison.shop.first().context("no turn")?;
    #[expect(clippy::cast_precision_loss, reason = "no turn has 2^52 purchases")]
    let counted = turn.done as f64;
    // Those of the warm-up cost as much as the others and are not counted.
    let warm_up = turn.per_second * crate::load::WARM_UP.as_secs_f64();
    let purchases = counted + warm_up;
    let mut parts: Vec<_> = used
        .into_iter()
        .map(|(part, time)| (part, time.as_secs_f64() * 1000.0 / purchases))
        .collect();
    parts.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let all: f64 = parts.iter().map(|(_, time)| time).sum();
    let mut found = vec![Finding::new("processor time of a purchase", all, "ms")];
    found.extend(
        parts
            .into_iter()
            .map(|(part, time)| Finding::new(format!("of it {part}"), time, "ms")),
    );
    Ok(found)
}
