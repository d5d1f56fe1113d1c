//! The whole shop on one machine: servers, databases, a lattice and the application, until Ctrl-C.
//! The same components, providers and manifest as anywhere else; only addresses differ.
mod control;
mod for_wash;
mod overrides;
mod ready;
mod roll;
mod start;
mod surroundings;

use std::time::Instant;

use anyhow::{Context as _, Result};
use async_nats::Client;
use tokio::net::UnixListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::Up;
use crate::data::{Data, root};
use crate::network::{self, Balancer, Network};
use crate::process::{Child, Leftovers, Restart, stop_all};
use crate::settings::Settings;

pub use control::{ROLL, ask};

/// What is running, in the order in which it was started.
#[derive(Default)]
pub struct Running {
    /// Postgres and NATS, which all others need.
    pub servers: Vec<Child>,
    /// wadm, the secrets backend and the Stripe double.
    pub helpers: Vec<Child>,
    pub hosts: Vec<Child>,
    /// In front of several hosts.
    pub balancer: Option<Balancer>,
    /// Around several hosts.
    pub network: Option<Network>,
}

/// What has been started.
pub enum Ready<'a> {
    /// The whole shop.
    Shop(Started<'a>),
    /// The servers alone; says how to go on.
    Servers(String),
}

/// What is known once all of it runs.
pub struct Started<'a> {
    pub running: &'a Running,
    /// The shop's origin.
    pub shop: String,
    pub hosts: Vec<Host>,
    pub client: Client,
    pub wadm: Restart,
}

/// A host in the lattice.
pub struct Host {
    pub id: String,
    /// The origin of its ingress.
    pub origin: String,
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
    network::remove_leftovers(&data).await;

    let mut running = Running::default();
    let started = tokio::select! {
        started = start::all(&arguments, &settings, &root, &data, &leftovers, &mut running) => Some(started),
        () = signals.next() => None,
    };
    let outcome = match started {
        Some(Ok(Ready::Servers(next))) => {
            println!("ready: {next}");
            signals.next().await;
            Ok(())
        }
        Some(Ok(Ready::Shop(started))) => {
            let control = control::listen(&data.control());
            let seconds = began.elapsed().as_secs_f32();
            println!("ready: {} ({seconds:.1} s)", started.shop);
            tokio::select! {
                () = serve(control, &started) => {}
                () = signals.next() => {}
            }
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
    /// Hosts first, while what they need is there, and before them what sends people to them; the databases last.
    async fn stop(self) {
        if let Some(balancer) = self.balancer {
            balancer.stop().await;
        }
        stop_all(self.hosts).await;
        stop_all(self.helpers).await;
        stop_all(self.servers).await;
        if let Some(network) = self.network {
            network.remove().await;
        }
    }
}

/// Does what other processes ask for. One that cannot be asked runs all the same.
async fn serve(control: Result<UnixListener>, started: &Started<'_>) {
    match control {
        Ok(listener) => control::serve(&listener, started).await,
        Err(error) => {
            eprintln!("nobody can ask this up to roll: {error:#}");
            std::future::pending().await
        }
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
