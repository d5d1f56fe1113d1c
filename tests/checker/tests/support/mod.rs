//! The evidence of a small shop with three tickets: one sold, one whose money came back, one whose order ran out.
use checker::{DeadLetter, Entry, Event, Evidence, Inbox, Known, Ledger};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// The id with a number.
pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

const SOLD: u128 = 1;
const REFUNDED: u128 = 2;
const EXPIRED: u128 = 3;

/// Seconds after the beginning of the story.
fn at(seconds: i64) -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH + Duration::days(20_000) + Duration::seconds(seconds)
}

fn text(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).expect("a time of this century")
}

fn order(ticket: u128) -> Uuid {
    id(10 + ticket)
}

fn payment(ticket: u128) -> Uuid {
    id(20 + ticket)
}

/// A request with its answer, `seconds` after the beginning.
pub fn entry(
    method: &str,
    path: &str,
    body: Value,
    status: u16,
    answer: Value,
    seconds: i64,
) -> Entry {
    Entry {
        sent: at(seconds),
        answered: at(seconds) + Duration::milliseconds(20),
        method: method.to_owned(),
        path: path.to_owned(),
        body,
        status: Some(status),
        answer,
    }
}

/// An event as the relay publishes it.
pub fn event(sequence: u64, body: Value) -> Event {
    Event {
        sequence,
        message_id: body["id"].as_str().map(str::to_owned),
        body,
    }
}

/// What orders has given up.
pub fn dead_letter(event_sequence: u64, reason: &str) -> DeadLetter {
    DeadLetter {
        sequence: 1,
        consumer: "orders".to_owned(),
        reason: reason.to_owned(),
        event_sequence,
        message_id: None,
    }
}

/// The maker of the evidence.
#[derive(Default)]
pub struct Shop {
    events: Vec<Event>,
}

impl Shop {
    /// All of it, as the checker would read it.
    pub fn evidence() -> Evidence {
        let mut shop = Self::default();
        for ticket in [SOLD, REFUNDED, EXPIRED] {
            shop.tells(
                "ticket:created",
                id(ticket),
                0,
                json!({ "version": 0, "title": "Seat", "price": 5 }),
            );
            shop.tells("order:created", order(ticket), 2, json!({ "version": 0 }));
            shop.tells(
                "ticket:updated",
                id(ticket),
                2,
                json!({ "version": 1, "title": "Seat", "price": 5 }),
            );
        }
        for ticket in [SOLD, REFUNDED] {
            shop.tells(
                "payment:created",
                payment(ticket),
                4,
                json!({ "orderId": order(ticket) }),
            );
        }
        shop.tells("order:completed", order(SOLD), 4, json!({ "version": 1 }));
        shop.tells(
            "order:cancelled",
            order(REFUNDED),
            3,
            json!({ "version": 1 }),
        );
        shop.tells(
            "order:cancelled",
            order(REFUNDED),
            5,
            json!({ "version": 2 }),
        );
        shop.tells(
            "payment:refunded",
            payment(REFUNDED),
            6,
            json!({ "orderId": order(REFUNDED) }),
        );
        shop.tells(
            "expiration:complete",
            order(EXPIRED),
            62,
            json!({ "orderId": order(EXPIRED) }),
        );
        shop.tells(
            "order:cancelled",
            order(EXPIRED),
            63,
            json!({ "version": 1 }),
        );
        for ticket in [REFUNDED, EXPIRED] {
            shop.tells(
                "ticket:updated",
                id(ticket),
                64,
                json!({ "version": 2, "title": "Seat", "price": 5 }),
            );
        }
        shop.with_rows()
    }

    fn tells(&mut self, kind: &str, subject: Uuid, seconds: i64, data: Value) {
        let sequence = self.events.len() as u64 + 1;
        let id = id(1000 + u128::from(sequence));
        let body = json!({ "id": id, "type": kind, "subject": subject, "time": text(at(seconds)), "data": data });
        self.events.push(event(sequence, body));
    }

    fn with_rows(self) -> Evidence {
        let all = [
            (SOLD, "complete", None, 1),
            (REFUNDED, "cancelled", Some("refusal"), 2),
            (EXPIRED, "cancelled", Some("expiration"), 1),
        ];
        let rows = |row: &dyn Fn(u128, &str, Option<&str>, i64) -> Value| {
            let rows = all.map(|(ticket, status, by, version)| row(ticket, status, by, version));
            json!(rows)
        };
        let tickets = rows(&|ticket, _, _, version| {
            let version = if ticket == SOLD { 1 } else { version.max(2) };
            let holder = (ticket == SOLD).then(|| order(ticket));
            json!({ "id": id(ticket), "title": "Seat", "price": 500, "order_id": holder, "version": version, "deleted_at": null })
        });
        let copies = rows(&|ticket, _, _, version| {
            let version = if ticket == SOLD { 1 } else { version.max(2) };
            json!({ "id": id(ticket), "version": version, "title": "Seat", "price": 500, "deleted": false })
        });
        let holds = rows(
            &|ticket, status, _, version| json!({ "order_id": order(ticket), "ticket_id": id(ticket), "version": version, "status": status }),
        );
        let orders = rows(&|ticket, status, by, version| {
            json!({
                "id": order(ticket), "user_id": id(50 + ticket), "status": status, "cancelled_by": by, "version": version,
                "expires_at": text(at(62)), "ticket_id": id(ticket), "price": 500,
            })
        });
        let order_copies = rows(
            &|ticket, status, _, version| json!({ "id": order(ticket), "status": status, "version": version }),
        );
        let deadlines = rows(&|ticket, _, _, _| {
            let announced = (ticket == EXPIRED).then(|| text(at(62)));
            json!({ "order_id": order(ticket), "closed": true, "announced_at": announced })
        });
        let pay = |ticket: u128, status: &str| {
            json!({
                "id": payment(ticket), "order_id": order(ticket), "amount": 500, "status": status,
                "stripe_id": format!("pi_{ticket}"), "next_check_at": null,
            })
        };
        let charge = |ticket: u128, back: i64| {
            json!({
                "id": format!("ch_{ticket}"), "payment_intent": format!("pi_{ticket}"), "amount": 500, "status": "succeeded",
                "captured_amount": 500, "refunded_amount": back, "metadata": { "order_id": order(ticket) },
                "created": at(4).unix_timestamp(),
            })
        };
        let refund = json!({
            "id": "re_2", "charge": "ch_2", "payment_intent": "pi_2", "amount": 500, "source": "api", "created": at(5).unix_timestamp(),
        });
        let ledger =
            json!({ "charges": [charge(SOLD, 0), charge(REFUNDED, 500)], "refunds": [refund] });
        let inbox = Inbox(self.events.iter().filter_map(Event::id).collect());
        Evidence {
            read_at: at(100),
            users: of(json!([{ "id": id(51) }])),
            tickets: of(tickets),
            holds: of(holds),
            orders: of(orders),
            ticket_copies: of(copies),
            payments: of(json!([pay(SOLD, "succeeded"), pay(REFUNDED, "refunded")])),
            order_copies: of(order_copies),
            deadlines: of(deadlines),
            handled: Known {
                tickets: inbox.clone(),
                orders: inbox.clone(),
                payments: inbox,
            },
            events: self.events,
            dead_letters: Vec::new(),
            ledger: of::<Ledger>(ledger),
            journal: journal(),
            outages: Vec::new(),
        }
    }
}

/// What the buyer and the seller of the sold ticket were told.
fn journal() -> Vec<Entry> {
    let ticket = json!({ "id": id(SOLD), "title": "Seat", "price": 5, "version": 0 });
    let reserved =
        json!({ "id": order(SOLD), "userId": id(50 + SOLD), "ticket": { "id": id(SOLD) } });
    let wish = json!({ "ticketId": id(SOLD) });
    let money = json!({ "orderId": order(SOLD), "token": "pm_card_visa" });
    vec![
        entry(
            "POST",
            "/api/users/signup",
            json!(null),
            201,
            json!({ "id": id(51) }),
            -1,
        ),
        entry(
            "POST",
            "/api/tickets",
            json!({ "title": "Seat", "price": 5 }),
            201,
            ticket,
            0,
        ),
        entry("POST", "/api/orders", wish, 201, reserved, 2),
        entry(
            "POST",
            "/api/payments",
            money,
            201,
            json!({ "id": payment(SOLD) }),
            4,
        ),
    ]
}

fn of<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("rows as the checker reads them")
}
