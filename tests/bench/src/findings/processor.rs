//! The processor time that an action costs, its events included, and which part of the system takes it.
use anyhow::{Context as _, Result, ensure};
use e2e::Lattice;

use super::{Aim, Finding};
use crate::contest::Plan;
use crate::load::{WARM_UP, turn};
use crate::phases::{Create, CurrentUser, Floor, Order, Pay, Phase, Purchase};
use crate::processes::{ByPart, between, processor_time};
use crate::system::System;

/// What one order may cost, in requests that do the least: docs/performance.md.
const MOST_FLOORS: f64 = 1.25;
/// More than any of them does in a second.
const MOST_PER_SECOND: f64 = 600.0;

/// What one action costs, in milliseconds.
struct Cost {
    action: &'static str,
    by_part: ByPart<f64>,
}

/// Adds up what a lattice uses during actions of several kinds.
///
/// # Errors
/// When it does not run, or none of the actions succeeds.
pub async fn measure(lattice: &Lattice, shop: &mut System, plan: Plan) -> Result<Vec<Finding>> {
    let up = lattice.pid().context("the lattice does not run")?;
    let floor = cost::<Floor>(up, shop, plan).await?;
    let order = cost::<Order>(up, shop, plan).await?;
    let costs = [
        cost::<CurrentUser>(up, shop, plan).await?,
        cost::<Create>(up, shop, plan).await?,
        cost::<Pay>(up, shop, plan).await?,
        cost::<Purchase>(up, shop, plan).await?,
    ];
    let floors = order.all() / floor.all();
    let mut found = vec![
        Finding::new("an order's processor time, in floors", floors, "")
            .aim(Aim::AtMost(MOST_FLOORS)),
    ];
    for cost in [floor, order].into_iter().chain(costs) {
        found.extend(cost.findings());
    }
    Ok(found)
}

async fn cost<P: Phase>(up: i32, shop: &mut System, plan: Plan) -> Result<Cost> {
    shop.crowd.refresh().await?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a positive number of actions"
    )]
    let actions = (MOST_PER_SECOND * (plan.duration + WARM_UP).as_secs_f64()).ceil() as usize;
    let stock = P::stock(&mut shop.crowd, actions).await?;
    let before = processor_time(up);
    let turn = turn::<P>(&mut shop.crowd, &stock, plan.duration).await?;
    let used = between(&before, &processor_time(up));
    eprintln!("{:>13} {:<5} {:>8.0}/s", P::NAME, shop.name, turn.rate());
    #[expect(clippy::cast_precision_loss, reason = "no turn has 2^52 actions")]
    let counted = turn.done as f64;
    // Those of the warm-up cost as much as the others and are not counted.
    let all = counted + turn.rate() * WARM_UP.as_secs_f64();
    ensure!(all > 0.0, "no {} succeeded: {:?}", P::NAME, turn.errors);
    let each = |time: std::time::Duration| time.as_secs_f64() * 1000.0 / all;
    Ok(Cost {
        action: P::NAME,
        by_part: used
            .into_iter()
            .map(|(part, time)| (part, each(time)))
            .collect(),
    })
}

impl Cost {
    fn all(&self) -> f64 {
        self.by_part.values().sum()
    }

    /// The sum, then its parts, the largest first.
    fn findings(self) -> Vec<Finding> {
        let all = self.all();
        let mut parts: Vec<_> = self.by_part.into_iter().collect();
        parts.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let action = self.action;
        let mut found = vec![Finding::new(format!("processor time, {action}"), all, "ms")];
        found.extend(
            parts
                .into_iter()
                .map(|(part, time)| Finding::new(format!("{action}, of it {part}"), time, "ms")),
        );
        found
    }
}
