//! Measures the shop from outside, and beside any other system that speaks the same contract.
//! The generator is one thread with plain connections, because it shares the machine with what it measures.
#![forbid(unsafe_code)]

mod cli;
mod client;
mod contest;
mod crowd;
mod database;
mod findings;
mod lattice;
mod load;
mod peer;
mod phases;
mod processes;
mod report;
mod system;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use e2e::Lattice;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use cli::{Cli, Kind};
use contest::{Comparison, compare};
use findings::Finding;
use peer::Peer;
use report::Report;
use system::{System, authority};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(&Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> Result<()> {
    let mut report = Report {
        started: OffsetDateTime::now_utc().format(&Rfc3339)?,
        cpus: std::thread::available_parallelism()?.get(),
        connections: cli.connections,
        seconds: cli.seconds,
        comparisons: Vec::new(),
        findings: Vec::new(),
    };
    // Those that need a lattice of their own come first, so that no other one runs beside it.
    for kind in cli.kinds() {
        report.findings.extend(match kind {
            Kind::Start => findings::start().await?,
            Kind::Expiry => findings::expiry().await?,
            _ => Vec::new(),
        });
    }
    if cli
        .kinds()
        .iter()
        .any(|kind| ![Kind::Start, Kind::Expiry].contains(kind))
    {
        let mut lattice = Lattice::start(&lattice::setup()).await?;
        // Ctrl-C stops the lattice, too.
        let measured = tokio::select! {
            measured = measure(cli, &lattice, &mut report) => measured,
            _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted")),
        };
        lattice.stop().await?;
        if measured.is_err() {
            // What was measured before that is worth knowing.
            report.print();
        }
        measured?;
    }
    report.print();
    report.save(&cli.json)
}

async fn measure(cli: &Cli, lattice: &Lattice, report: &mut Report) -> Result<()> {
    let connections = cli.connections.into();
    let mut shop = System::enter("shop", &lattice.endpoints().http, connections).await?;
    let running = match &cli.start {
        Some(command) => Some(Peer::start(command, lattice.endpoints()).await?),
        None => None,
    };
    let mut peer = match &cli.against {
        Some(url) => {
            peer::answers(&authority(url)?).await?;
            Some(System::enter("peer", url, connections).await?)
        }
        None => None,
    };
    for kind in cli.kinds() {
        if let Some(comparison) = comparison(*kind, cli, &mut shop, peer.as_mut()).await? {
            report.comparisons.push(comparison);
        }
    }
    if cli.kinds().contains(&Kind::Storm) {
        let endpoints = lattice.endpoints();
        let found = findings::storm(endpoints, &mut shop, peer.as_mut()).await?;
        report.findings.extend(found);
    }
    // What is found out about the shop alone is not disturbed by another system, idle or not.
    drop(peer);
    if let Some(running) = running {
        running.stop().await?;
    }
    for kind in cli.kinds() {
        report
            .findings
            .extend(finding(*kind, cli, lattice, &mut shop).await?);
    }
    Ok(())
}

async fn comparison(
    kind: Kind,
    cli: &Cli,
    shop: &mut System,
    peer: Option<&mut System>,
) -> Result<Option<Comparison>> {
    let plan = cli.plan();
    let comparison = match kind {
        Kind::SignUp => compare::<phases::SignUp>(shop, peer, plan).await?,
        Kind::SignIn => compare::<phases::SignIn>(shop, peer, plan).await?,
        Kind::CurrentUser => compare::<phases::CurrentUser>(shop, peer, plan).await?,
        Kind::Create => compare::<phases::Create>(shop, peer, plan).await?,
        Kind::List => compare::<phases::List>(shop, peer, plan).await?,
        Kind::Show => compare::<phases::Show>(shop, peer, plan).await?,
        Kind::Search => compare::<phases::Search>(shop, peer, plan).await?,
        Kind::MyOrders => compare::<phases::MyOrders>(shop, peer, plan).await?,
        Kind::Order => compare::<phases::Order>(shop, peer, plan).await?,
        Kind::Pay => compare::<phases::Pay>(shop, peer, plan).await?,
        Kind::Purchase => compare::<phases::Purchase>(shop, peer, plan).await?,
        Kind::Mixed => compare::<phases::Mixed>(shop, peer, plan).await?,
        _ => return Ok(None),
    };
    Ok(Some(comparison))
}

async fn finding(
    kind: Kind,
    cli: &Cli,
    lattice: &Lattice,
    shop: &mut System,
) -> Result<Vec<Finding>> {
    let (endpoints, plan) = (lattice.endpoints(), cli.plan());
    match kind {
        Kind::Events => findings::events(endpoints).await,
        Kind::UnderLoad => findings::under_load(shop, plan).await,
        Kind::Memory => findings::memory(lattice, shop, plan).await,
        Kind::Processor => findings::processor(lattice, shop, plan).await,
        Kind::Rebuild => findings::rebuild(endpoints).await,
        Kind::Flatness => findings::flatness(endpoints, shop, plan).await,
        Kind::ManyDue => findings::many_due(endpoints).await,
        _ => Ok(Vec::new()),
    }
}
