//! What the tests of this service share: a real Postgres, and a Stripe that forgets nothing.
#![allow(dead_code, unused_imports, reason = "each test file uses a part of it")]

mod database;
mod postgres;
mod stripe;

pub use database::Client;
pub use stripe::{FakeStripe, Fault};

use payments_rules::{
    Account, ClaimError, Currency, Payment, PaymentMethod, PaymentRequest, Stripe,
};
use uuid::Uuid;

pub const BUYER: Uuid = Uuid::from_u128(0xb);

/// A database with the service's schema, and a Stripe account.
pub struct Shop {
    pub database: Client,
    pub stripe: FakeStripe,
    name: String,
}

impl Shop {
    pub fn open() -> Self {
        let name = postgres::new_database();
        Self {
            database: Client::connect(&name),
            stripe: FakeStripe::default(),
            name,
        }
    }

    /// Another host's connection to the same database.
    pub fn connect(&self) -> Client {
        Client::connect(&self.name)
    }

    /// The account, over a connection that shares this shop's ledger.
    pub fn account(&self) -> Stripe<FakeStripe> {
        let account = Account::new("http://stripe.test", "sk_test_1").expect("a valid account");
        Stripe::new(account, self.stripe.clone())
    }

    /// An order of 12.50 that expires in an hour.
    pub fn order(&self) -> Uuid {
        let order = Uuid::new_v4();
        self.tell(&created(order, 0));
        order
    }

    /// Handles an event under a new id, and says which.
    pub fn tell(&self, (kind, data): &(&'static str, String)) -> Uuid {
        let id = Uuid::new_v4();
        tell_as(&self.database, id, kind, data);
        id
    }

    pub fn claim(&self, order: Uuid, card: &str) -> Result<Option<Payment>, ClaimError> {
        claim(&self.database, order, card)
    }

    pub fn pay(&self, order: Uuid, card: &str) -> Payment {
        pay(&self.database, &self.account(), order, card)
    }

    pub fn reconcile(&self) {
        payments_rules::reconcile(&self.database, &self.account()).expect("the database answers");
    }

    /// Lets everything be due that waits for a moment to come.
    pub fn let_time_pass(&self) {
        self.run("update payments set next_check_at = now() where next_check_at is not null");
        self.run("update webhook_events set next_try_at = now()");
    }

    pub fn run(&self, sql: &str) {
        self.database.run(sql);
    }

    pub fn text(&self, sql: &str) -> String {
        self.database.text(sql)
    }

    pub fn status(&self, order: Uuid) -> String {
        self.text(&format!(
            "select status from payments where order_id = '{order}'"
        ))
    }

    /// How many events of a type were told of an order.
    pub fn told(&self, kind: &str, order: Uuid) -> usize {
        let sql = format!(
            "select count(*)::text from outbox where type = '{kind}' and data ->> 'orderId' = '{order}'"
        );
        self.text(&sql).parse().expect("a number")
    }
}

pub fn claim(database: &Client, order: Uuid, card: &str) -> Result<Option<Payment>, ClaimError> {
    let payment_method = PaymentMethod::parse(card).expect("a card");
    let request = PaymentRequest {
        order_id: order,
        payment_method,
    };
    payments_rules::claim(database, &request, BUYER, &Currency::default(), None, None)
}

pub fn pay(database: &Client, stripe: &Stripe<FakeStripe>, order: Uuid, card: &str) -> Payment {
    let method = PaymentMethod::parse(card).expect("a card");
    payments_rules::pay(database, stripe, &method, || claim(database, order, card))
        .expect("claimed")
        .expect("a known order")
}

pub fn tell_as(database: &Client, id: Uuid, kind: &str, data: &str) {
    let event = event(id, kind, data);
    tell_all(database, &[event]);
}

/// Handles events of one call.
pub fn tell_all(database: &Client, events: &[String]) {
    let bodies = events.iter().map(String::as_bytes);
    for handled in kit::handle_all(database, bodies, payments_rules::handle) {
        handled.expect("the database answers");
    }
}

/// An event of orders, as it is published.
pub fn event(id: Uuid, kind: &str, data: &str) -> String {
    format!(r#"{{"specversion":"1.0","id":"{id}","type":"{kind}","data":{data}}}"#)
}

pub fn created(order: Uuid, version: i64) -> (&'static str, String) {
    created_until(order, version, "2999-01-01T00:00:00.000Z")
}

pub fn created_until(order: Uuid, version: i64, expires_at: &str) -> (&'static str, String) {
    let data = format!(
        r#"{{"id":"{order}","version":{version},"status":"created","userId":"{BUYER}","expiresAt":"{expires_at}",
            "ticket":{{"id":"{order}","price":12.5}}}}"#
    );
    ("order:created", data)
}

pub fn cancelled(order: Uuid, version: i64) -> (&'static str, String) {
    (
        "order:cancelled",
        format!(r#"{{"id":"{order}","version":{version},"ticket":{{"id":"{order}"}}}}"#),
    )
}

pub fn completed(order: Uuid, version: i64) -> (&'static str, String) {
    (
        "order:completed",
        format!(r#"{{"id":"{order}","version":{version},"ticket":{{"id":"{order}"}}}}"#),
    )
}
