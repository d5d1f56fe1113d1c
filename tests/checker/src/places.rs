//! Where the evidence is.

/// The addresses that the checker reads from. They lead to the servers themselves, past anything that a test puts in between.
#[derive(Clone, Debug)]
pub struct Places {
    /// The Postgres server, as its administrator.
    pub postgres: String,
    /// The NATS server.
    pub nats: String,
    /// The control endpoint of the Stripe double.
    pub stripe_control: String,
}
