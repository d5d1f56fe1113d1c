//! A purchase by somebody whose browser traces it.
use e2e::{Person, Reply, Shop, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

/// The span of the browser, in hexadecimal.
pub const BROWSER: &str = "00f067aa0ba902b7";

/// What was bought.
pub struct Purchase {
    /// The trace, in hexadecimal.
    pub trace: String,
    /// The buyer.
    pub buyer: Person,
    /// The order, complete.
    pub order: Value,
}

impl Purchase {
    /// Somebody buys somebody else's ticket, and the whole shop has heard of it.
    pub async fn of(shop: &Shop) -> Self {
        let (seller, buyer) = (shop.person().await, shop.person().await);
        let ticket = seller.sells("Traced", 20.5).await;
        let trace = Uuid::new_v4().simple().to_string();
        let order = json!({ "ticketId": ticket["id"] });
        let order = traced(&buyer, &trace, "/api/orders", &order).await;
        let order = order.is(201);
        let payment = json!({ "orderId": order["id"], "token": "pm_card_visa" });
        let payment = traced(&buyer, &trace, "/api/payments", &payment).await;
        payment.is(201);
        let order = buyer.sees_order(&order, "complete").await;
        Self {
            trace,
            buyer,
            order,
        }
    }
}

/// A POST as the browser sends it, until the service has heard of what it is about.
async fn traced(buyer: &Person, trace: &str, path: &str, body: &Value) -> Reply {
    eventually(format!("{path} to know of {body}"), async || {
        let request = buyer
            .request(Method::POST, path)
            .header("traceparent", format!("00-{trace}-{BROWSER}-01"));
        let reply = buyer.ask(request.json(body)).await;
        (reply.status != 404).then_some(reply)
    })
    .await
}
