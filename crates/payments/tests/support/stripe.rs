//! A Stripe in memory, with the rules that matter here: an intent captures once, a charge is refunded
//! once, and an idempotency key keeps its first answer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use payments_rules::{Connection, Silence};
use serde_json::{Value, json};

/// What goes wrong with the next request to a path that ends like this.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It never arrives.
    RequestLost(&'static str),
    /// It has its effect, but the answer is lost.
    AnswerLost(&'static str),
    /// It has no effect, and the key keeps a 500.
    Outage(&'static str),
}

#[derive(Clone, Default)]
pub struct FakeStripe(Arc<Mutex<Books>>);

#[derive(Default)]
pub struct Books {
    pub intents: BTreeMap<String, Intent>,
    pub refunds: Vec<String>,
    keys: BTreeMap<String, (u16, Value)>,
    faults: VecDeque<Fault>,
}

#[derive(Clone, Default)]
pub struct Intent {
    pub status: &'static str,
    pub captures: usize,
    pub payment_id: String,
    card: String,
    error: Option<&'static str>,
}

impl FakeStripe {
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().expect("no test panicked inside")
    }

    pub fn goes_wrong(&self, fault: Fault) {
        self.books().faults.push_back(fault);
    }

    /// Idempotency keys are kept for a day.
    pub fn forget_keys(&self) {
        self.books().keys.clear();
    }

    pub fn captures(&self) -> usize {
        self.books()
            .intents
            .values()
            .map(|intent| intent.captures)
            .sum()
    }

    pub fn refunds(&self) -> usize {
        self.books().refunds.len()
    }

    pub fn intents(&self) -> usize {
        self.books().intents.len()
    }

    /// The card's holder authenticates, or fails to.
    pub fn authenticate(&self, id: &str, accept: bool) {
        let mut books = self.books();
        let intent = books.intents.get_mut(id).expect("an intent");
        assert_eq!(intent.status, "requires_action");
        if accept {
            (intent.status, intent.captures) = ("succeeded", intent.captures + 1);
        } else {
            (intent.status, intent.error) =
                ("requires_payment_method", Some("Authentication failed."));
        }
    }

    pub fn status(&self, id: &str) -> &'static str {
        self.books().intents[id].status
    }
}

impl Connection for FakeStripe {
    fn send(&self, request: &http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, Silence> {
        let mut books = self.books();
        let path = request.uri().path();
        let fault = books.faults.front().cloned().filter(|fault| match fault {
            Fault::RequestLost(end) | Fault::AnswerLost(end) | Fault::Outage(end) => {
                path.ends_with(end)
            }
        });
        if fault.is_some() {
            books.faults.pop_front();
        }
        if matches!(fault, Some(Fault::RequestLost(_))) {
            return Err(Silence("lost".to_owned()));
        }
        let key = request
            .headers()
            .get("idempotency-key")
            .map(|key| key.to_str().expect("ASCII").to_owned());
        let kept = key.as_ref().and_then(|key| books.keys.get(key).cloned());
        let (status, body) = match (kept, &fault) {
            (Some(kept), _) => kept,
            (None, Some(Fault::Outage(_))) => (500, json!({})),
            (None, _) => books.act(path, request.method() == http::Method::POST, request.body()),
        };
        if let Some(key) = key {
            books
                .keys
                .entry(key)
                .or_insert_with(|| (status, body.clone()));
        }
        if matches!(fault, Some(Fault::AnswerLost(_))) {
            return Err(Silence("lost".to_owned()));
        }
        Ok(http::Response::builder()
            .status(status)
            .body(body.to_string().into_bytes())
            .expect("a response"))
    }

    fn pause(&self, _: Duration) {}

    fn report(&self, trouble: &str) {
        println!("reported: {trouble}");
    }
}

impl Books {
    fn act(&mut self, path: &str, post: bool, body: &[u8]) -> (u16, Value) {
        let form: BTreeMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let card = form
            .get("payment_method")
            .or_else(|| form.get("payment_method_data[card][token]"))
            .cloned();
        let segments: Vec<&str> = path.split('/').skip(3).collect();
        match (segments.as_slice(), path) {
            ([], "/v1/payment_intents") => self.create(&form, card.unwrap_or_default()),
            ([], "/v1/refunds") => self.refund(&form["payment_intent"]),
            ([id], _) if !post => (200, self.json(id)),
            ([id, "confirm"], _) => self.confirm(id, card),
            ([id, "cancel"], _) => self.cancel(id),
            _ => (404, json!({ "error": { "type": "invalid_request_error" } })),
        }
    }

    fn create(&mut self, form: &BTreeMap<String, String>, card: String) -> (u16, Value) {
        if card.contains("unknown") {
            return (
                400,
                json!({ "error": { "type": "invalid_request_error", "param": "payment_method",
                "code": "resource_missing", "message": "No such PaymentMethod" } }),
            );
        }
        let id = format!("pi_{}", self.intents.len() + 1);
        let payment_id = form["metadata[payment_id]"].clone();
        let intent = Intent {
            status: "requires_confirmation",
            payment_id,
            card,
            ..Intent::default()
        };
        self.intents.insert(id.clone(), intent);
        (200, self.json(&id))
    }

    fn confirm(&mut self, id: &str, card: Option<String>) -> (u16, Value) {
        let Some(intent) = self.intents.get_mut(id) else {
            return (
                404,
                json!({ "error": { "type": "invalid_request_error", "param": "intent" } }),
            );
        };
        if matches!(intent.status, "succeeded" | "canceled") {
            return self.unexpected(id);
        }
        if let Some(card) = card {
            intent.card = card;
        }
        if intent.card.contains("Declined") {
            (intent.status, intent.error) =
                ("requires_payment_method", Some("Your card was declined."));
            let error = json!({ "type": "card_error", "code": "card_declined",
                "message": "Your card was declined.", "payment_intent": self.json(id) });
            return (402, json!({ "error": error }));
        }
        if intent.card.contains("authenticationRequired") {
            intent.status = "requires_action";
        } else {
            (intent.status, intent.captures) = ("succeeded", intent.captures + 1);
        }
        (200, self.json(id))
    }

    fn cancel(&mut self, id: &str) -> (u16, Value) {
        match self.intents.get_mut(id) {
            Some(intent) if intent.status != "succeeded" && intent.status != "canceled" => {
                intent.status = "canceled";
                (200, self.json(id))
            }
            _ => self.unexpected(id),
        }
    }

    fn refund(&mut self, id: &str) -> (u16, Value) {
        if self.refunds.iter().any(|refunded| refunded == id) {
            return (
                400,
                json!({ "error": { "type": "invalid_request_error", "code": "charge_already_refunded" } }),
            );
        }
        assert_eq!(
            self.intents[id].captures, 1,
            "a refund of what was not captured"
        );
        self.refunds.push(id.to_owned());
        (200, json!({ "id": "re_1", "status": "succeeded" }))
    }

    fn unexpected(&self, id: &str) -> (u16, Value) {
        (
            400,
            json!({ "error": { "type": "invalid_request_error", "code": "payment_intent_unexpected_state",
            "payment_intent": self.json(id) } }),
        )
    }

    fn json(&self, id: &str) -> Value {
        let intent = &self.intents[id];
        json!({ "id": id, "status": intent.status, "client_secret": format!("{id}_secret"), "amount": 1250,
            "currency": "usd", "last_payment_error": intent.error.map(|message| json!({ "message": message })) })
    }
}
