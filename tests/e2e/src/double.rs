//! The Stripe double's control endpoint: its ledger, and faults on request.
use serde_json::{Value, json};

use crate::{eventually, within};

/// The control endpoint of a Stripe double.
#[derive(Clone, Debug)]
pub struct Double {
    control: String,
    client: reqwest::Client,
}

impl Double {
    pub(crate) fn new(url: &str) -> Self {
        let control = format!("{}/_control", url.trim_end_matches('/'));
        Self {
            control,
            client: reqwest::Client::new(),
        }
    }

    /// Everything that was charged and refunded.
    ///
    /// # Panics
    /// When the double does not answer.
    pub async fn ledger(&self) -> Value {
        let reply = self
            .client
            .get(format!("{}/ledger", self.control))
            .send()
            .await;
        reply
            .expect("the double answers")
            .json()
            .await
            .expect("a ledger is JSON")
    }

    /// The latest requests to Stripe's API, oldest first.
    pub async fn requests(&self) -> Vec<Value> {
        let reply = self
            .control(reqwest::Method::GET, "/requests", &Value::Null)
            .await;
        reply["requests"].as_array().cloned().unwrap_or_default()
    }

    /// The charges of a PaymentIntent, declined ones included.
    pub async fn charges(&self, intent: &Value) -> Vec<Value> {
        self.entries("charges", |charge| charge["payment_intent"] == *intent)
            .await
    }

    /// The refunds of a PaymentIntent.
    pub async fn refunds(&self, intent: &Value) -> Vec<Value> {
        self.entries("refunds", |refund| refund["payment_intent"] == *intent)
            .await
    }

    /// The charges of exactly that amount, in minor units, that succeeded.
    pub async fn succeeded_with_amount(&self, amount: u64) -> Vec<Value> {
        self.entries("charges", |charge| {
            charge["amount"] == amount && charge["status"] == "succeeded"
        })
        .await
    }

    async fn entries(&self, book: &str, like: impl Fn(&Value) -> bool) -> Vec<Value> {
        let ledger = self.ledger().await;
        ledger[book]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|entry| like(entry))
            .cloned()
            .collect()
    }

    /// Makes the next request that fits `method` and `path` (`*` is any text) go wrong as `fault`
    /// says: `when`, `delay_ms`, `reply`, as the double's README has them. Gives the fault's id.
    ///
    /// # Panics
    /// When the double does not take it.
    pub async fn next_goes_wrong(&self, method: &str, path: &str, fault: &Value) -> u64 {
        let mut wanted = json!({ "method": method, "path": path, "times": 1 });
        if let (Some(wanted), Some(fault)) = (wanted.as_object_mut(), fault.as_object()) {
            wanted.extend(fault.clone());
        }
        let reply = self
            .client
            .post(format!("{}/faults", self.control))
            .json(&wanted)
            .send()
            .await;
        let reply: Value = reply
            .expect("the double answers")
            .json()
            .await
            .expect("an id is JSON");
        reply["id"]
            .as_u64()
            .unwrap_or_else(|| panic!("no fault was set: {reply}"))
    }

    /// Sends `body` to a path of the control endpoint. Gives what it answers.
    ///
    /// # Panics
    /// When the double does not take it.
    pub async fn control(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.control);
        let reply = self.client.request(method, url).json(body).send().await;
        let reply = reply.expect("the double answers");
        assert!(
            reply.status().is_success(),
            "{path} {body}: {}",
            reply.status()
        );
        reply.json().await.unwrap_or_default()
    }

    /// Forgets the faults that nothing has met. Whoever does not wait for theirs has to: it would befall a later request.
    ///
    /// # Panics
    /// When the double does not answer.
    pub async fn nothing_else_goes_wrong(&self) {
        self.control(reqwest::Method::DELETE, "/faults", &Value::Null)
            .await;
    }

    /// Waits until the fault `id` has befallen its request.
    pub async fn has_gone_wrong(&self, id: u64) {
        eventually(format!("fault {id} to befall a request"), async || {
            let reply = self
                .client
                .get(format!("{}/faults", self.control))
                .send()
                .await
                .ok()?;
            let all: Value = reply.json().await.ok()?;
            let fault = all["faults"]
                .as_array()?
                .iter()
                .find(|fault| fault["id"] == id)?;
            (fault["times"] == 0).then_some(())
        })
        .await;
    }

    /// Waits until a PaymentIntent's charge is refunded in full, for at most a minute: the
    /// reconciler may have to find it.
    pub async fn is_refunded(&self, intent: &Value) {
        within(
            std::time::Duration::from_secs(60),
            format!("{intent} to be refunded"),
            async || {
                let charges = self.charges(intent).await;
                let paid = charges
                    .iter()
                    .find(|charge| charge["status"] == "succeeded")?;
                (paid["refunded_amount"] == paid["captured_amount"]).then_some(())
            },
        )
        .await;
    }
}
