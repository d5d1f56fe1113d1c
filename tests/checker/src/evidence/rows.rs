//! Rows of the services' tables: the columns that the promises are about by name, all others as they come.
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

macro_rules! row {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize, Serialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
            /// The other columns.
            #[serde(flatten)]
            pub rest: Map<String, Value>,
        }
    };
}

row!(
    /// Somebody who has signed up.
    User {
        /// Who.
        id: Uuid,
    }
);

row!(
    /// A ticket, as its seller made it.
    Ticket {
        /// Which.
        id: Uuid,
        /// What it is for.
        title: String,
        /// In minor units.
        price: i64,
        /// The order that holds it.
        order_id: Option<Uuid>,
        /// Counts its changes from 0.
        version: i64,
        /// When its seller withdrew it.
        #[serde(with = "time::serde::rfc3339::option")]
        deleted_at: Option<OffsetDateTime>,
    }
);

row!(
    /// What tickets knows of an order.
    OrderState {
        /// Which order.
        order_id: Uuid,
        /// For which ticket.
        ticket_id: Uuid,
        /// The order's version that this is.
        version: i64,
        /// `created`, `cancelled` or `complete`.
        status: String,
    }
);

row!(
    /// An order.
    Order {
        /// Which.
        id: Uuid,
        /// Its buyer.
        user_id: Uuid,
        /// `created`, `awaiting:payment`, `complete` or `cancelled`.
        status: String,
        /// What cancelled it.
        cancelled_by: Option<String>,
        /// When the reservation runs out.
        #[serde(with = "time::serde::rfc3339")]
        expires_at: OffsetDateTime,
        /// For which ticket.
        ticket_id: Uuid,
        /// In minor units.
        price: i64,
        /// Counts its changes from 0.
        version: i64,
    }
);

row!(
    /// What orders knows of a ticket.
    TicketCopy {
        /// Which ticket.
        id: Uuid,
        /// The ticket's version that this is.
        version: i64,
        /// What it is for.
        title: String,
        /// In minor units.
        price: i64,
        /// Whether its seller withdrew it.
        deleted: bool,
    }
);

row!(
    /// A payment.
    Payment {
        /// Which.
        id: Uuid,
        /// For which order.
        order_id: Uuid,
        /// In minor units.
        amount: i64,
        /// `pending`, `requires_action`, `declined`, `succeeded`, `refunding`, `refunded` or `canceled`.
        status: String,
        /// The PaymentIntent.
        stripe_id: Option<String>,
        /// When the reconciler looks at it next.
        #[serde(with = "time::serde::rfc3339::option")]
        next_check_at: Option<OffsetDateTime>,
    }
);

row!(
    /// What payments knows of an order.
    OrderCopy {
        /// Which order.
        id: Uuid,
        /// `created`, `cancelled` or `complete`.
        status: String,
        /// The order's version that this is.
        version: i64,
    }
);

row!(
    /// When an order's reservation runs out.
    Deadline {
        /// Which order.
        order_id: Uuid,
        /// Whether the order has ended.
        closed: bool,
        /// When the end of the reservation was announced.
        #[serde(with = "time::serde::rfc3339::option")]
        announced_at: Option<OffsetDateTime>,
    }
);

row!(
    /// An event that a service has handled.
    Handled {
        /// Which event.
        event_id: Uuid,
    }
);

/// The events that a service has handled.
#[derive(Clone, Debug, Default)]
pub struct Inbox(pub HashSet<Uuid>);

impl Inbox {
    pub(super) fn of(rows: Vec<Handled>) -> Self {
        Self(rows.into_iter().map(|row| row.event_id).collect())
    }
}

/// The events that each service has handled.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// By tickets.
    pub tickets: Inbox,
    /// By orders.
    pub orders: Inbox,
    /// By payments.
    pub payments: Inbox,
}
