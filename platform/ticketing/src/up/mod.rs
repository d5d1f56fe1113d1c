//! The whole shop on one machine: servers, databases, a lattice and the application, until Ctrl-C.
//! The same components, providers and manifest as anywhere else; only addresses differ.
mod overrides;
mod ready;
mod start;

use std::time::Instant;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Up;
use crate::data::{Data, root};
use crate::process::{Child, Leftovers, stop_all};
use crate::settings::Settings;

/// What is running, in the order in which it was started.
#[derive(Default)]
pub struct Running {
    /// Postgres and NATS, which all others need.
    pub servers: Vec<Child>,
    /// wadm and the Stripe double.
    pub helpers: Vec<Child>,
    pub hosts: Vec<Child>,
}

/// Starts everything and runs until SIGINT or SIGTERM.
///
/// # Errors
/// When the configuration is wrong or something cannot start; what was started is ended first.
pub async fn run(arguments: Box<Up>) -> Result<()> {
    let began = Instant::now();
    let settings = Settings::check(&arguments)?;
    let root = root(&arguments.place)?;
    let data = Data::of(&arguments.place)?;
    let mut signals = Signals::listen()?;
    let _lock = data.lock()?;
    let leftovers = Leftovers::end(&data).await?;

    let mut running = Running::default();
    let started = tokio::select! {
        started = start::all(&arguments, &settings, &root, &data, &leftovers, &mut running) => Some(started),
        () = signals.next() => None,
    };
    let outcome = match started {
        Some(Ok(address)) => {
            println!("ready: {address} ({:.1} s)", began.elapsed().as_secs_f32());
            signals.next().await;
            Ok(())
        }
        Some(Err(error)) => Err(error),
        None => Ok(()),
    };
    eprintln!("stopping");
    running.stop().await;
    outcome
}

impl Running {
    /// Hosts first, while what they need is there; the databases last.
    async fn stop(self) {
        stop_all(self.hosts).await;
        stop_all(self.helpers).await;
        stop_all(self.servers).await;
    }
}

/// Ctrl-C and `kill`.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context("cannot listen for signals");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
