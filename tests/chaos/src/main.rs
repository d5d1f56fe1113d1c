//! Buyers and sellers at load while anything breaks at random; in the end the checker proves the promises, or tells the history
//! of what broke. The same seed draws the same faults, in the same order.
#![forbid(unsafe_code)]

mod load;
mod report;
mod schedule;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::Parser;
use e2e::faults::{Arena, Determined};
use e2e::{RUNTIME, Setup, Shop};
use time::OffsetDateTime;

use load::Load;
use report::Report;
use schedule::Schedule;

/// Long enough to be paid between two faults, short enough that many run out.
const ORDER_EXPIRATION_SECONDS: u64 = 10;
/// How long somebody goes on trying when nothing works: longer than any recovery may take.
const PATIENCE: Duration = Duration::from_secs(180);
/// After the last request.
const QUIET: Duration = Duration::from_secs(180);

/// Breaks a shop at random while it is busy, and proves that it keeps its promises.
#[derive(Debug, Parser)]
#[command(name = "chaos")]
struct Arguments {
    /// How long faults are drawn, in minutes
    #[arg(long, default_value_t = 5.0)]
    minutes: f64,
    /// The same seed draws the same faults; drawn itself when absent
    #[arg(long)]
    seed: Option<u64>,
    /// Groups of a seller and three buyers that are busy at the same time
    #[arg(long, default_value_t = 4)]
    groups: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match RUNTIME.block_on(run(&arguments)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("chaos: {error:?}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the promises hold.
async fn run(arguments: &Arguments) -> Result<bool> {
    let seed = arguments.seed.unwrap_or_else(rand::random);
    println!("seed {seed}");
    let setup = Setup::new().with("ORDER_EXPIRATION_SECONDS", ORDER_EXPIRATION_SECONDS);
    let arena = Arena::start(setup).await?;
    let shop = arena.shop().await?;
    let report = Arc::new(Report::default());
    let load = Load::start(&shop, seed, arguments.groups, &report);
    let end = Instant::now() + Duration::from_secs_f64(arguments.minutes * 60.0);
    for planned in Schedule::new(seed) {
        tokio::time::sleep(planned.after).await;
        if Instant::now() > end || load.has_given_up() {
            break;
        }
        println!("{}", planned.fault);
        let begin = (OffsetDateTime::now_utc(), Instant::now());
        arena.strike(planned.fault, planned.lasts).await;
        works_again(&shop).await;
        arena.note(planned.fault, begin.0);
        report.recovered(planned.fault, begin.1.elapsed());
    }
    load.stop().await?;
    let verdict = arena.check(QUIET).await?;
    println!("{report}");
    println!("{verdict}");
    let holds = verdict.violations.is_empty();
    if !holds {
        println!(
            "again with: cargo xtask chaos --minutes {} --seed {seed}",
            arguments.minutes
        );
    }
    arena.close(holds).await?;
    Ok(holds)
}

/// Returns when a whole purchase has gone through: every part of the shop is needed for it.
async fn works_again(shop: &Shop) {
    let mut person = Determined::signs_up(shop, PATIENCE).await;
    let ticket = person.sells("After the storm", 3.0).await;
    person.buys(&ticket, "pm_card_visa").await;
}
