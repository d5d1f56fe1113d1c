//! A caller of the double: forms in, status, headers and JSON out.

use super::SECRET_KEY;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, redirect};
use serde_json::Value;

/// One answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The error object of a refusal with this status.
    #[track_caller]
    pub fn error(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body["error"].clone()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Calls with the secret key.
#[derive(Clone)]
pub struct Caller {
    pub url: String,
    pub http: Client,
}

impl Caller {
    pub fn new(url: &str) -> Self {
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            url: url.to_owned(),
            http,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "", None)
            .await
            .expect("an answer")
    }

    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, form, None)
            .await
            .expect("an answer")
    }

    pub async fn post_keyed(&self, path: &str, form: &str, key: &str) -> Answer {
        self.try_keyed(path, form, key).await.expect("an answer")
    }

    /// A POST that may get no answer.
    pub async fn try_keyed(
        &self,
        path: &str,
        form: &str,
        key: &str,
    ) -> Result<Answer, reqwest::Error> {
        self.send(Method::POST, path, form, Some(key)).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        form: &str,
        key: Option<&str>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(SECRET_KEY);
        if !form.is_empty() {
            request = request
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(form.to_owned());
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request).await
    }

    /// A call of the control API.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self
            .http
            .request(method, format!("{}/_control{path}", self.url));
        let request = request
            .header("Content-Type", "application/json")
            .body(body.to_string());
        answer(request).await.expect("an answer").ok()
    }

    /// Pays `amount` cents with a test payment method.
    pub async fn pay(&self, amount: u32, method: &str) -> Answer {
        self.post("/v1/payment_intents", &paying(amount, method))
            .await
    }

    /// Every charge and refund.
    pub async fn ledger(&self) -> Value {
        self.control(Method::GET, "/ledger", Value::Null).await
    }
}

/// The form that pays at once.
pub fn paying(amount: u32, method: &str) -> String {
    format!(
        "amount={amount}&currency=usd&confirm=true&payment_method={method}&automatic_payment_methods[enabled]=true\
         &automatic_payment_methods[allow_redirects]=never"
    )
}

async fn answer(request: reqwest::RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer {
        status,
        headers,
        body,
    })
}
