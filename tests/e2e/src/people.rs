//! The people of the tests: they sign up, sell, order and pay, and keep their own cookies.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Jar, Reply, Shop, eventually};

/// The password of everybody.
const PASSWORD: &str = "correct horse battery";

/// Somebody with a browser. Clones share their cookies.
#[derive(Clone, Debug)]
pub struct Person {
    shop: Shop,
    /// The user's id; empty for a visitor.
    pub id: String,
    /// The email address that they signed up with; empty for a visitor.
    pub email: String,
    jar: Arc<Mutex<Jar>>,
}

impl Person {
    pub(crate) fn visitor(shop: &Shop) -> Self {
        Self {
            shop: shop.clone(),
            id: String::new(),
            email: String::new(),
            jar: Arc::default(),
        }
    }

    pub(crate) async fn signs_up(shop: &Shop) -> Self {
        let mut person = Self::visitor(shop);
        person.email = Self::new_email();
        let reply = person
            .post("/api/users/signup", &person.credentials())
            .await;
        person.id = text(&reply.is(201), "/id");
        person
    }

    /// An email address that nobody has used.
    #[must_use]
    pub fn new_email() -> String {
        format!("{}@example.com", Uuid::new_v4().simple())
    }

    /// What they sign in with.
    #[must_use]
    pub fn credentials(&self) -> Value {
        json!({ "email": self.email, "password": PASSWORD })
    }

    /// Their cookies.
    pub fn jar(&self) -> MutexGuard<'_, Jar> {
        self.jar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same person at another browser that has a copy of the cookies.
    #[must_use]
    pub fn twin(&self) -> Self {
        let jar = self.jar().clone();
        Self {
            jar: Arc::new(Mutex::new(jar)),
            ..self.clone()
        }
    }

    /// A request of theirs, to be completed and sent with [`Person::ask`].
    #[must_use]
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .shop
            .client()
            .request(method, format!("{}{path}", self.shop.origin()));
        match self.jar().header(path) {
            Some(cookies) => request.header("cookie", cookies),
            None => request,
        }
    }

    /// Sends a request, keeps the cookies that come back.
    pub async fn ask(&self, request: RequestBuilder) -> Reply {
        let reply = self.shop.ask(request).await;
        self.keep(&reply);
        reply
    }

    fn keep(&self, reply: &Reply) {
        let mut jar = self.jar();
        for cookie in reply.cookies() {
            jar.take(cookie);
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.ask(self.request(Method::GET, path)).await
    }

    /// GET; none when there is no answer at all.
    pub async fn try_get(&self, path: &str) -> Option<Reply> {
        self.shop
            .try_ask(self.request(Method::GET, path))
            .await
            .ok()
    }

    /// Sends a request, keeps the cookies that come back; none when there is no answer at all.
    pub async fn try_ask(&self, request: RequestBuilder) -> Option<Reply> {
        let reply = self.shop.try_ask(request).await.ok()?;
        self.keep(&reply);
        Some(reply)
    }

    /// POST of a JSON body; none when there is no answer at all.
    pub async fn try_post(&self, path: &str, body: &Value) -> Option<Reply> {
        self.try_ask(self.request(Method::POST, path).json(body))
            .await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask(self.request(Method::POST, path).json(body)).await
    }

    /// PUT of a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.ask(self.request(Method::PUT, path).json(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        self.ask(self.request(Method::DELETE, path)).await
    }

    /// Puts a ticket on sale. Gives the ticket.
    pub async fn sells(&self, title: &str, price: f64) -> Value {
        self.post("/api/tickets", &json!({ "title": title, "price": price }))
            .await
            .is(201)
    }

    /// Orders a ticket, whatever the answer.
    pub async fn tries_to_order(&self, ticket: &Value) -> Reply {
        self.post("/api/orders", &json!({ "ticketId": ticket["id"] }))
            .await
    }

    /// Orders a ticket; waits until the order service has heard of it. Gives the order.
    pub async fn orders(&self, ticket: &Value) -> Value {
        eventually(
            format!("ticket {} to be known to the order service", ticket["id"]),
            async || {
                let reply = self.tries_to_order(ticket).await;
                (reply.status != 404).then(|| reply.is(201))
            },
        )
        .await
    }

    /// Tries to pay an order with `token`; waits until the payment service has heard of the order.
    pub async fn tries_to_pay(&self, order: &Value, token: &str) -> Reply {
        let body = json!({ "orderId": order["id"], "token": token });
        eventually(
            format!("order {} to be known to the payment service", order["id"]),
            async || {
                let reply = self.post("/api/payments", &body).await;
                (reply.status != 404).then_some(reply)
            },
        )
        .await
    }

    /// Pays an order. Gives the payment.
    pub async fn pays(&self, order: &Value, token: &str) -> Value {
        self.tries_to_pay(order, token).await.is(201)
    }

    /// One of their orders as it is now.
    pub async fn order(&self, order: &Value) -> Value {
        self.get(&format!("/api/orders/{}", text(order, "/id")))
            .await
            .is(200)
    }

    /// Waits until one of their orders has a status. Gives the order.
    pub async fn sees_order(&self, order: &Value, status: &str) -> Value {
        eventually(
            format!("order {} to be {status}", order["id"]),
            async || {
                let now = self.order(order).await;
                (now["status"] == status).then_some(now)
            },
        )
        .await
    }

    /// Waits until a ticket is reserved. Gives the ticket.
    pub async fn sees_reserved(&self, ticket: &Value) -> Value {
        self.sees_ticket(ticket, |now| {
            now.get("orderId").is_some_and(Value::is_string)
        })
        .await
    }

    /// Waits until nobody has reserved a ticket. Gives the ticket.
    pub async fn sees_free(&self, ticket: &Value) -> Value {
        self.sees_ticket(ticket, |now| now.get("orderId").is_none_or(Value::is_null))
            .await
    }

    async fn sees_ticket(&self, ticket: &Value, like: impl Fn(&Value) -> bool) -> Value {
        let path = format!("/api/tickets/{}", text(ticket, "/id"));
        eventually(format!("ticket {} to change", ticket["id"]), async || {
            let reply = self.get(&path).await;
            (reply.status == 200 && like(&reply.json())).then(|| reply.json())
        })
        .await
    }
}

/// The text at a JSON pointer of an answer.
fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("no text at {pointer} of {value}"))
        .to_owned()
}
