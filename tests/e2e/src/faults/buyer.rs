//! People who get what they want, whatever breaks meanwhile: they ask again, as people do.
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{Person, Reply, Shop};

const BETWEEN_TRIES: Duration = Duration::from_millis(100);

/// Somebody who does not give up before a deadline.
#[derive(Clone, Debug)]
pub struct Determined {
    /// Who.
    pub person: Person,
    deadline: Instant,
    tries: u32,
}

/// What became of a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The order is complete: the ticket is theirs.
    Bought,
    /// Somebody else has the ticket, or its seller withdrew it.
    Gone,
}

impl Determined {
    /// `person`, who tries for as long as `patience` lasts.
    #[must_use]
    pub fn new(person: &Person, patience: Duration) -> Self {
        Self {
            person: person.clone(),
            deadline: Instant::now() + patience,
            tries: 0,
        }
    }

    /// Signs up somebody new, however often it takes.
    pub async fn signs_up(shop: &Shop, patience: Duration) -> Self {
        let mut own = Self::new(&shop.visitor(), patience);
        loop {
            let mut person = shop.visitor();
            person.email = Person::new_email();
            let reply = person
                .try_post("/api/users/signup", &person.credentials())
                .await;
            if let Some(reply) = reply.filter(|reply| reply.status == 201) {
                person.id = reply.json()["id"].as_str().unwrap_or_default().to_owned();
                own.person = person;
                return own;
            }
            own.pause("sign up").await;
        }
    }

    /// How often something had to be tried again.
    #[must_use]
    pub fn retries(&self) -> u32 {
        self.tries
    }

    /// Puts a ticket on sale. Gives the ticket of the try that was acknowledged.
    pub async fn sells(&mut self, title: &str, price: f64) -> Value {
        let draft = json!({ "title": title, "price": price });
        loop {
            if let Some(reply) = self.asks(Method::POST, "/api/tickets", &draft).await
                && reply.status == 201
            {
                return reply.json();
            }
            self.pause("sell").await;
        }
    }

    /// Buys a ticket with `card`: orders it, pays, and waits for the order; orders once more what ran out in between.
    pub async fn buys(&mut self, ticket: &Value, card: &str) -> Ending {
        loop {
            let Some(order) = self.orders(ticket).await else {
                return Ending::Gone;
            };
            if self.pays(&order, card).await {
                return Ending::Bought;
            }
        }
    }

    /// Orders a ticket; none when it cannot be had. An order whose answer was lost is found among their own.
    pub async fn orders(&mut self, ticket: &Value) -> Option<Value> {
        loop {
            let wish = json!({ "ticketId": ticket["id"] });
            let reply = self.asks(Method::POST, "/api/orders", &wish).await;
            match reply.as_ref().map(|reply| reply.status.as_u16()) {
                Some(201) => return Some(reply?.json()),
                Some(400) => match self.own_order(ticket).await {
                    Some(Some(order)) => return Some(order),
                    Some(None) if self.is_taken(ticket).await => return None,
                    _ => {}
                },
                Some(404) if self.is_withdrawn(ticket).await => return None,
                _ => {}
            }
            self.pause("order").await;
        }
    }

    /// Their own order for a ticket that is not cancelled; none inside when there is none, none outside when nobody knows.
    async fn own_order(&mut self, ticket: &Value) -> Option<Option<Value>> {
        let reply = self.asks(Method::GET, "/api/orders", &Value::Null).await?;
        let orders = reply.json();
        let mut orders = (reply.status == 200).then_some(orders.as_array()?)?.iter();
        Some(
            orders
                .find(|order| {
                    order["ticket"]["id"] == ticket["id"] && order["status"] != "cancelled"
                })
                .cloned(),
        )
    }

    /// Whether a ticket has been sold to somebody for good, or its seller sees it reserved; later it may be free again.
    async fn is_taken(&mut self, ticket: &Value) -> bool {
        let path = format!("/api/tickets/{}", text(ticket, "id"));
        let reply = self.asks(Method::GET, &path, &Value::Null).await;
        reply.is_some_and(|reply| reply.status == 200 && reply.json()["orderId"].is_string())
    }

    async fn is_withdrawn(&mut self, ticket: &Value) -> bool {
        let path = format!("/api/tickets/{}", text(ticket, "id"));
        let reply = self.asks(Method::GET, &path, &Value::Null).await;
        reply.is_some_and(|reply| reply.status == 404)
    }

    /// Pays an order and waits until it is complete; false when it is cancelled.
    ///
    /// # Panics
    /// When the card is declined, or somebody says that the order is another's.
    pub async fn pays(&mut self, order: &Value, card: &str) -> bool {
        let payment = json!({ "orderId": order["id"], "token": card });
        loop {
            let reply = self.asks(Method::POST, "/api/payments", &payment).await;
            match reply.as_ref().map(|reply| reply.status.as_u16()) {
                Some(201) => break,
                // Paid by an earlier try whose answer was lost, or too late.
                Some(400) => break,
                Some(401 | 402) => {
                    let why = reply.map(|reply| reply.text()).unwrap_or_default();
                    assert!(
                        why.contains("try again") || why.contains("cancelled"),
                        "paying with {card}: {why}"
                    );
                }
                _ => {}
            }
            if self
                .status(order)
                .await
                .is_some_and(|status| status != "created")
            {
                break;
            }
            self.pause("pay").await;
        }
        loop {
            match self.status(order).await.as_deref() {
                Some("complete") => return true,
                Some("cancelled") => return false,
                _ => self.pause("see the order complete").await,
            }
        }
    }

    async fn status(&mut self, order: &Value) -> Option<String> {
        let path = format!("/api/orders/{}", text(order, "id"));
        let reply = self.asks(Method::GET, &path, &Value::Null).await?;
        Some(reply.json()["status"].as_str()?.to_owned())
    }

    async fn asks(&self, method: Method, path: &str, body: &Value) -> Option<Reply> {
        let request = self.person.request(method, path);
        let request = if body.is_null() {
            request
        } else {
            request.json(body)
        };
        self.person.try_ask(request).await
    }

    async fn pause(&mut self, what: &str) {
        let who = &self.person.email;
        assert!(
            Instant::now() < self.deadline,
            "{who} could not {what} in time"
        );
        self.tries += 1;
        tokio::time::sleep(BETWEEN_TRIES).await;
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
