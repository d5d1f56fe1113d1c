//! The application's parts by name: services with a database each, and the components that serve HTTP.
//! The names are those of `wadm.yaml`, of the folders in `components/` and of the databases.

/// A service with a database of its own.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// Its name everywhere.
    pub name: &'static str,
    /// Whether it emits events, and so has an outbox that the relay empties.
    pub emits: bool,
}

pub const SERVICES: [Service; 5] = [
    Service {
        name: "auth",
        emits: false,
    },
    Service {
        name: "tickets",
        emits: true,
    },
    Service {
        name: "orders",
        emits: true,
    },
    Service {
        name: "payments",
        emits: true,
    },
    Service {
        name: "expiration",
        emits: true,
    },
];

/// Components with an HTTP address on their host, and the public prefix that leads there, if one does.
pub const HTTP: [(&str, Option<&str>); 6] = [
    ("auth", Some("/api/users")),
    ("tickets", Some("/api/tickets")),
    ("orders", Some("/api/orders")),
    ("payments", Some("/api/payments")),
    // Only asked how it is.
    ("expiration", None),
    ("client", Some("/")),
];

impl Service {
    pub fn database(&self) -> String {
        format!("ticketing_{}", self.name)
    }

    /// Owns the tables and changes them; used by migrations only.
    pub fn owner(&self) -> String {
        format!("{}_owner", self.database())
    }

    /// Reads and writes rows; used by the component.
    pub fn app(&self) -> String {
        format!("{}_app", self.database())
    }

    /// Reads and deletes outbox rows; used by the relay.
    pub fn relay(&self) -> String {
        format!("{}_relay", self.database())
    }

    /// Reads what tells how well the service does; used by `metrics`.
    pub fn metrics(&self) -> String {
        format!("{}_metrics", self.database())
    }
}
