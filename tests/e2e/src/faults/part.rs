//! The processes of a lattice, as victims, and what can be done to them.
use std::fmt;

/// A process of the lattice, or a server that it uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The wasmCloud host: all components, and all providers with it.
    Host,
    /// A capability provider, by its folder's name.
    Provider(&'static str),
    /// The deployer.
    Wadm,
    /// The Stripe double: to the shop, Stripe.
    Stripe,
    /// The message server with the streams.
    Nats,
    /// The database server.
    Postgres,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Host,
        Self::Provider("ingress"),
        Self::Provider("sqldb-postgres"),
        Self::Provider("messaging-jetstream"),
        Self::Provider("outbox-relay"),
        Self::Provider("keyvalue-nats"),
        Self::Provider("password-argon2"),
        Self::Provider("cron"),
        Self::Wadm,
        Self::Stripe,
        Self::Nats,
        Self::Postgres,
    ];

    /// What its command line contains, for one that the lattice's supervisor has started.
    pub(super) fn needle(self) -> String {
        match self {
            Self::Host => "wasmcloud_host".to_owned(),
            Self::Provider(name) => format!("provider_{}_par_gz", name.replace('-', "_")),
            Self::Wadm => "/wadm".to_owned(),
            Self::Stripe => "stripe-double".to_owned(),
            Self::Nats => "nats-server".to_owned(),
            Self::Postgres => "postgres".to_owned(),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "the host",
            Self::Provider(name) => name,
            Self::Wadm => "wadm",
            Self::Stripe => "Stripe",
            Self::Nats => "NATS",
            Self::Postgres => "Postgres",
        })
    }
}

/// What is done to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Strike {
    /// SIGKILL. Whoever supervises it starts it again.
    Kill,
    /// SIGTERM, as an operator who restarts it.
    Restart,
    /// SIGSTOP, and SIGCONT a while later.
    Pause,
    /// Its connections to NATS and Postgres break and are refused, for a while; of a server, everybody's to it.
    Refuse,
    /// The same, but nothing gets through and nobody is told.
    Stall,
}

impl Strike {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Kill,
        Self::Restart,
        Self::Pause,
        Self::Refuse,
        Self::Stall,
    ];
}
