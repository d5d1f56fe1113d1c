//! What the shop has left behind, read once and judged afterwards. Plain data, so that a test can corrupt it.
mod ledger;
mod rows;
mod stream;

use anyhow::{Context as _, Result};
use time::OffsetDateTime;

use crate::database::{connect, rows};
use crate::{Entry, Journal, Outage, Places};

pub use ledger::{Charge, Ledger, Refund};
pub use rows::{
    Deadline, Inbox, Known, Order, OrderCopy, OrderState, Payment, Ticket, TicketCopy, User,
};
pub(crate) use stream::EVENTS;
pub use stream::{DeadLetter, Event};

/// Everything.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The time when it was read, by the database's clock.
    pub read_at: OffsetDateTime,
    /// Of auth.
    pub users: Vec<User>,
    /// Of tickets.
    pub tickets: Vec<Ticket>,
    /// Of tickets: what it knows of orders.
    pub holds: Vec<OrderState>,
    /// Of orders.
    pub orders: Vec<Order>,
    /// Of orders: what it knows of tickets.
    pub ticket_copies: Vec<TicketCopy>,
    /// Of payments.
    pub payments: Vec<Payment>,
    /// Of payments: what it knows of orders.
    pub order_copies: Vec<OrderCopy>,
    /// Of expiration.
    pub deadlines: Vec<Deadline>,
    /// The events that tickets, orders and payments remember to have handled.
    pub handled: Known,
    /// The stream of events, in its order.
    pub events: Vec<Event>,
    /// The dead letters, in their order.
    pub dead_letters: Vec<DeadLetter>,
    /// Stripe's books.
    pub ledger: Ledger,
    /// What users did and were told.
    pub journal: Vec<Entry>,
    /// When something was broken on purpose.
    pub outages: Vec<Outage>,
}

impl Evidence {
    /// Reads all of it. What changes meanwhile may be read in part: see [`crate::wait_for_quiet`].
    ///
    /// # Errors
    /// When a database, the stream or the ledger cannot be read.
    pub async fn read(places: &Places, journal: &Journal) -> Result<Self> {
        let (journal, outages) = journal.read();
        let auth = connect(&places.postgres, "auth").await?;
        let tickets = connect(&places.postgres, "tickets").await?;
        let orders = connect(&places.postgres, "orders").await?;
        let payments = connect(&places.postgres, "payments").await?;
        let expiration = connect(&places.postgres, "expiration").await?;
        let now = orders
            .query_one("select to_jsonb(now())::text", &[])
            .await?;
        let now: String = serde_json::from_str(now.try_get(0)?).context("the database's time")?;
        let nats = async_nats::connect(&places.nats)
            .await
            .context("connecting to NATS")?;
        let jetstream = async_nats::jetstream::new(nats);
        Ok(Self {
            read_at: OffsetDateTime::parse(&now, &time::format_description::well_known::Rfc3339)
                .context("the database's time")?,
            users: rows(&auth, "users").await?,
            tickets: rows(&tickets, "tickets").await?,
            holds: rows(&tickets, "ticket_orders").await?,
            orders: rows(&orders, "orders").await?,
            ticket_copies: rows(&orders, "tickets").await?,
            payments: rows(&payments, "payments").await?,
            order_copies: rows(&payments, "orders").await?,
            deadlines: rows(&expiration, "deadlines").await?,
            handled: Known {
                tickets: Inbox::of(rows(&tickets, "inbox").await?),
                orders: Inbox::of(rows(&orders, "inbox").await?),
                payments: Inbox::of(rows(&payments, "inbox").await?),
            },
            events: stream::events(&jetstream).await?,
            dead_letters: stream::dead_letters(&jetstream).await?,
            ledger: Ledger::read(&places.stripe_control).await?,
            journal,
            outages,
        })
    }
}
