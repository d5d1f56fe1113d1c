//! A lattice that can be broken anywhere: with servers of the suite's own, behind proxies.
use std::fmt;
use std::time::Duration;

use anyhow::{Context as _, Result};
use checker::{Journal, Outage, Places, Report};
use time::OffsetDateTime;

use super::{Cut, Part, Proxy, Servers, Strike};
use crate::{Endpoints, Lattice, Process, Setup, Shop, within};

/// How long a process may be missing before a strike against it fails the test.
const FINDING: Duration = Duration::from_secs(60);

/// The lattice, its servers and the proxies in between.
#[derive(Debug)]
pub struct Arena {
    lattice: Lattice,
    nats: Proxy,
    postgres: Proxy,
    servers: Servers,
    journal: Journal,
}

/// A strike against a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fault {
    /// What is struck.
    pub part: Part,
    /// How.
    pub strike: Strike,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = self.part;
        match self.strike {
            Strike::Kill => write!(f, "{part} killed"),
            Strike::Restart => write!(f, "{part} restarted"),
            Strike::Pause => write!(f, "{part} paused"),
            Strike::Refuse => write!(f, "{part} cut off"),
            Strike::Stall => write!(f, "{part} unreachable without a word"),
        }
    }
}

impl Arena {
    /// Starts everything.
    ///
    /// # Errors
    /// When something does not start.
    pub async fn start(setup: Setup) -> Result<Self> {
        let servers = Servers::start().await?;
        let local = |port: u16| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let nats = servers.nats().parse().context("the address of NATS")?;
        let nats = Proxy::start(nats).await?;
        let postgres = Proxy::start(local(servers.postgres_port())).await?;
        let setup = setup
            .with("NATS_URL", format!("nats://127.0.0.1:{}", nats.port()))
            .with("DATABASE_URL", Servers::postgres_on(postgres.port()));
        Ok(Self {
            lattice: Lattice::start(&setup).await?,
            nats,
            postgres,
            servers,
            journal: Journal::default(),
        })
    }

    /// The shop, whose visitors write into the arena's journal.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub async fn shop(&self) -> Result<Shop> {
        let endpoints = Endpoints {
            nats: self.servers.nats(),
            postgres: Some(self.places().postgres),
            ..self.lattice.endpoints().clone()
        };
        Ok(Shop::open_under_fire(&endpoints)
            .await?
            .with_journal(&self.journal))
    }

    /// Where the evidence is: past the proxies.
    #[must_use]
    pub fn places(&self) -> Places {
        Places {
            postgres: Servers::postgres_on(self.servers.postgres_port()),
            nats: self.servers.nats(),
            stripe_control: self
                .lattice
                .endpoints()
                .stripe_control
                .clone()
                .unwrap_or_default(),
        }
    }

    /// What visitors did and were told.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The process of a part; waits while it is being started again.
    pub async fn process(&self, part: Part) -> Process {
        within(
            FINDING,
            format!("the process of {part}"),
            async || match part {
                Part::Nats | Part::Postgres => self.servers.process(part),
                _ => {
                    let needle = part.needle();
                    let tree = Process::descendants(self.lattice.pid()?);
                    tree.into_iter().find(|process| {
                        let program = process.command.split(' ').next().unwrap_or_default();
                        program.ends_with(&needle)
                    })
                }
            },
        )
        .await
    }

    /// Strikes, and makes good what does not heal by itself after `lasts`. What is killed is started by its supervisor.
    pub async fn strike(&self, fault: Fault, lasts: Duration) {
        let victim = self.process(fault.part).await;
        // A server is more than one process.
        let tree = match fault.part {
            Part::Postgres => Process::descendants(victim.pid),
            _ => Vec::new(),
        };
        match fault.strike {
            Strike::Kill => victim.kill(),
            Strike::Restart if fault.part == Part::Postgres => victim.interrupt(),
            Strike::Restart => victim.end(),
            Strike::Pause => {
                let all = || std::iter::once(&victim).chain(&tree);
                all().for_each(Process::pause);
                tokio::time::sleep(lasts).await;
                all().for_each(Process::go_on);
            }
            Strike::Refuse => self.cut(Cut::Refuse, fault.part, &victim, lasts).await,
            Strike::Stall => self.cut(Cut::Stall, fault.part, &victim, lasts).await,
        }
    }

    async fn cut(&self, cut: Cut, part: Part, victim: &Process, lasts: Duration) {
        let (proxies, process) = match part {
            Part::Nats => (vec![&self.nats], None),
            Part::Postgres => (vec![&self.postgres], None),
            _ => (vec![&self.nats, &self.postgres], Some(victim)),
        };
        for proxy in &proxies {
            proxy.cut(cut, process);
        }
        tokio::time::sleep(lasts).await;
        for proxy in &proxies {
            proxy.mend();
        }
    }

    /// Notes when something was broken, so that the checker knows that the clock stood still for it.
    pub fn note(&self, what: impl fmt::Display, begin: OffsetDateTime) {
        self.journal.note(Outage {
            what: what.to_string(),
            begin,
            end: OffsetDateTime::now_utc(),
        });
    }

    /// Lets everything come to rest and judges the promises.
    ///
    /// # Errors
    /// When the evidence cannot be read.
    pub async fn check(&self, limit: Duration) -> Result<Report> {
        checker::check(&self.places(), &self.journal, limit).await
    }

    /// Stops the lattice, then the servers; shows the lattice's log unless everything has `passed`.
    ///
    /// # Errors
    /// When the lattice does not stop as it should.
    pub async fn close(self, passed: bool) -> Result<()> {
        self.lattice.close(passed).await
    }
}
