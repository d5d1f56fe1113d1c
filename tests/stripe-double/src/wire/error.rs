//! Stripe's error object: `{"error": {"type", "code", "message", "param", …}}`.
//! See <https://docs.stripe.com/api/errors>.

use serde_json::{Map, Value, json};

/// How far the request had got, which decides whether an idempotency key keeps the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Refused before the endpoint began: the key stays free.
    Validation,
    /// Refused by the endpoint itself: the key keeps the refusal.
    Execution,
}

/// A refusal, as Stripe words it.
#[derive(Debug, Clone)]
pub struct StripeError {
    /// HTTP status.
    pub status: u16,
    /// Where the request was when it was refused.
    pub stage: Stage,
    fields: Map<String, Value>,
}

impl StripeError {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("type".into(), kind.into());
        fields.insert("message".into(), message.into().into());
        Self {
            status,
            stage: Stage::Execution,
            fields,
        }
    }

    /// 400 `invalid_request_error`, made by the endpoint.
    pub fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// 400 `invalid_request_error` for a parameter, made before the endpoint began.
    pub fn invalid_param(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid_request(message).param(param).unstored()
    }

    /// 402 `card_error`.
    pub fn card(code: &str, message: impl Into<String>) -> Self {
        Self::new(402, "card_error", message).code(code)
    }

    /// 400 `idempotency_error`: the key belongs to another request.
    pub fn idempotency(message: impl Into<String>) -> Self {
        Self::new(400, "idempotency_error", message).unstored()
    }

    /// `resource_missing` for an id.
    pub fn missing(kind: &str, id: &str, param: &str) -> Self {
        Self::invalid_request(format!("No such {kind}: '{id}'"))
            .code("resource_missing")
            .param(param)
    }

    /// What Stripe answers with a status that has nothing to do with the request itself.
    pub fn outage(status: u16) -> Self {
        match status {
            429 => Self::new(429, "invalid_request_error", "Request rate limit exceeded.")
                .code("rate_limit"),
            _ => Self::new(
                status,
                "api_error",
                "An unknown error occurred while processing your request.",
            ),
        }
        .unstored()
    }

    /// Another HTTP status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Marks the refusal as made before execution.
    pub fn unstored(mut self) -> Self {
        self.stage = Stage::Validation;
        self
    }

    /// Sets `code` and the `doc_url` that goes with it.
    pub fn code(self, code: &str) -> Self {
        let page = code.replace('_', "-");
        self.with("code", code.into()).with(
            "doc_url",
            format!("https://stripe.com/docs/error-codes/{page}").into(),
        )
    }

    /// Sets `param`, in bracket form for a nested one.
    pub fn param(self, param: impl Into<String>) -> Self {
        self.with("param", param.into().into())
    }

    /// Sets any other field: `decline_code`, `charge`, `payment_intent`, `payment_method`.
    pub fn with(mut self, field: &str, value: Value) -> Self {
        self.fields.insert(field.into(), value);
        self
    }

    /// The inner object, as it stands in `last_payment_error`.
    pub fn object(&self) -> Value {
        Value::Object(self.fields.clone())
    }

    /// The response body.
    pub fn body(&self) -> Value {
        json!({ "error": self.fields })
    }
}
