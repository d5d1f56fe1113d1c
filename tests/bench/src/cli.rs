//! The command line.
use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::contest::Plan;

/// Measures the shop, beside another system with the same contract if one is named
#[derive(Debug, Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
pub struct Cli {
    /// What to measure; everything when none is named
    pub phases: Vec<Kind>,
    /// Origin of the system to compare with, such as http://127.0.0.1:9000
    #[arg(long, value_name = "URL")]
    pub against: Option<String>,
    /// A command that starts that system on the servers of the shop, which it finds in PGURL and NATS_URL
    #[arg(long, value_name = "COMMAND", requires = "against")]
    pub start: Option<String>,
    /// How often each system has its turn at a phase
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
    pub rounds: u8,
    /// How long a turn lasts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..))]
    pub seconds: u8,
    /// How many connections load a system
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub connections: u16,
    /// Where to write the figures
    #[arg(long, value_name = "FILE", default_value = "target/bench.json")]
    pub json: PathBuf,
}

impl Cli {
    pub fn plan(&self) -> Plan {
        Plan {
            rounds: self.rounds.into(),
            duration: Duration::from_secs(self.seconds.into()),
        }
    }

    /// What was named, or everything.
    pub fn kinds(&self) -> &[Kind] {
        if self.phases.is_empty() {
            Kind::value_variants()
        } else {
            &self.phases
        }
    }
}

/// Everything that can be measured, in the order in which it is: first what is compared with a peer, then what is
/// found out about our system alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    SignUp,
    SignIn,
    CurrentUser,
    Create,
    List,
    Show,
    Search,
    MyOrders,
    Order,
    Pay,
    Purchase,
    Mixed,
    /// From a 2xx to the effect of its event elsewhere
    Events,
    /// The same while orders come at half of the highest rate
    UnderLoad,
    /// How late orders that nobody pays are cancelled
    Expiry,
    /// Of every process, while a sale is on
    Memory,
    /// From the command to ready
    Start,
    /// Processor time of an order, a purchase and others, and where it goes
    Processor,
    /// Events that a service hears again, a second
    Rebuild,
    /// 5,000 buyers for 1 ticket, and for 500
    Storm,
    /// List, show and order at 1,000, 100,000 and 1,000,000 tickets
    Flatness,
    /// How late the last of 100,000 orders is cancelled that run out within a minute
    ManyDue,
}
