//! A payment: where it stands, and what is known of it.

use kit::{Row, SqlError};
use uuid::Uuid;

use crate::PaymentMethod;

/// Where a payment stands. The migrations say which step leads from one to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// An attempt is being made; whether the money is captured is not known.
    Pending,
    /// The card's holder has to authenticate (3-D Secure).
    RequiresAction,
    /// The last attempt failed; another card can be tried.
    Declined,
    /// The money is captured.
    Succeeded,
    /// The money is captured, for an order that is gone: it is being given back.
    Refunding,
    /// The money is back.
    Refunded,
    /// Its PaymentIntent takes no money any more.
    Canceled,
}

/// Whose doing a failed attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclineKind {
    /// The card's: its issuer refused.
    Card,
    /// The token's: Stripe knows no such card, or it was used before.
    Token,
    /// The order's: it closed, or Stripe does not take its amount.
    Order,
    /// Stripe's: it had an outage, and nothing was charged.
    Outage,
}

/// Why an attempt failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decline {
    /// Whose doing it is.
    pub kind: DeclineKind,
    /// In words for the buyer; Stripe's own where it has some.
    pub message: String,
}

/// The PaymentIntent of a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentIntent {
    /// Stripe's id, `pi_…`.
    pub id: String,
    /// The attempt whose card it was created with.
    pub created_by_attempt: i64,
}

/// A payment as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: Uuid,
    /// The order that it pays.
    pub order_id: Uuid,
    /// Minor units.
    pub amount: i64,
    /// ISO 4217, lower case.
    pub currency: String,
    /// Where it stands.
    pub status: Status,
    /// How many cards were tried, this one included.
    pub attempt: i64,
    /// The card of this attempt; none for a payment that was restored from Stripe's word.
    pub payment_method: Option<PaymentMethod>,
    /// Its PaymentIntent, once there is one.
    pub intent: Option<PaymentIntent>,
    /// What Stripe.js needs to let the card's holder authenticate.
    pub client_secret: Option<String>,
    /// Where the card's holder can authenticate without Stripe.js.
    pub redirect_url: Option<String>,
    /// Why the last attempt failed.
    pub decline: Option<Decline>,
    /// Counts the refunds that were tried.
    pub refund_attempt: i64,
}

/// The columns that [`Payment::read`] reads.
macro_rules! columns {
    () => {
        "id, order_id, amount, currency, status, attempt, payment_method, stripe_id, intent_attempt, \
         client_secret, redirect_url, decline_kind, decline_message, refund_attempt"
    };
}
pub(crate) use columns;

impl Payment {
    /// Reads a row.
    pub(crate) fn read(row: &Row) -> Result<Self, SqlError> {
        let text = |name| row.text(name).map(|text| text.map(str::to_owned));
        let intent = match (text("stripe_id")?, row.int("intent_attempt")?) {
            (Some(id), attempt) => Some(PaymentIntent {
                id,
                created_by_attempt: attempt.unwrap_or(0),
            }),
            (None, _) => None,
        };
        let kind = row
            .text("decline_kind")?
            .map(DeclineKind::parse)
            .transpose()?;
        Ok(Self {
            id: row.uuid("id")?.ok_or(SqlError::NoRow)?,
            order_id: row.uuid("order_id")?.ok_or(SqlError::NoRow)?,
            amount: row.int("amount")?.ok_or(SqlError::NoRow)?,
            currency: text("currency")?.ok_or(SqlError::NoRow)?,
            status: Status::parse(row.text("status")?.ok_or(SqlError::NoRow)?)?,
            attempt: row.int("attempt")?.ok_or(SqlError::NoRow)?,
            payment_method: row.text("payment_method")?.and_then(PaymentMethod::parse),
            intent,
            client_secret: text("client_secret")?,
            redirect_url: text("redirect_url")?,
            decline: kind
                .zip(text("decline_message")?)
                .map(|(kind, message)| Decline { kind, message }),
            refund_attempt: row.int("refund_attempt")?.ok_or(SqlError::NoRow)?,
        })
    }

    /// The key under which Stripe carries `step` out once, however often it is asked to.
    #[must_use]
    pub(crate) fn idempotency_key(&self, step: &str, attempt: i64) -> String {
        format!("{}-{step}-{attempt}", self.id)
    }
}

impl Status {
    fn parse(text: &str) -> Result<Self, SqlError> {
        Ok(match text {
            "pending" => Self::Pending,
            "requires_action" => Self::RequiresAction,
            "declined" => Self::Declined,
            "succeeded" => Self::Succeeded,
            "refunding" => Self::Refunding,
            "refunded" => Self::Refunded,
            "canceled" => Self::Canceled,
            _ => return Err(SqlError::Shape("status")),
        })
    }
}

impl DeclineKind {
    fn parse(text: &str) -> Result<Self, SqlError> {
        Ok(match text {
            "card" => Self::Card,
            "token" => Self::Token,
            "order" => Self::Order,
            "outage" => Self::Outage,
            _ => return Err(SqlError::Shape("decline_kind")),
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Token => "token",
            Self::Order => "order",
            Self::Outage => "outage",
        }
    }
}
